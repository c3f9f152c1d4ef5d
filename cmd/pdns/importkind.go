package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// A kind is what a file is.
type kind int

const (
	linesOfCOF kind = iota
	framesOfDnstap
	packetsOfPcap
)

// Beginnings of files, in the order of their octets.
var (
	pcapngMagic = []byte{0x0a, 0x0d, 0x0d, 0x0a}
	bboltMagic  = []byte{0xed, 0xda, 0x0c, 0xed}
	pcapMagics  = []uint32{0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34} // in microseconds, in nanoseconds, with more about each packet
)

// enough is how much of a file tells its kind.
const enough = 512

var errKind = errors.New("is of no kind that import knows: want lines of COF, a frame stream of dnstap, pcap or pcapng")

// kindOf finds out what a file is. It waits for no more than the four octets that
// the shortest record has: what follows in may come later.
func kindOf(in *bufio.Reader) (kind, error) {
	if _, err := in.Peek(4); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	start, _ := in.Peek(min(enough, in.Buffered()))
	switch {
	case len(start) >= 4 && isPcap(start):
		return packetsOfPcap, nil
	case bytes.HasPrefix(start, make([]byte, 4)) && !bytes.HasPrefix(start, make([]byte, 8)):
		return framesOfDnstap, nil // a control frame, which is not empty
	case bytes.Contains(start, bboltMagic):
		return 0, errors.New("is a snapshot or a run of a store: pdns lookup and pdns export read it with --store")
	case bytes.IndexByte(start, 0) >= 0: // no text
		return 0, errKind
	}
	return linesOfCOF, nil
}

func isPcap(start []byte) bool {
	if bytes.HasPrefix(start, pcapngMagic) {
		return true
	}
	for _, magic := range pcapMagics {
		if binary.BigEndian.Uint32(start) == magic || binary.LittleEndian.Uint32(start) == magic {
			return true
		}
	}
	return false
}
