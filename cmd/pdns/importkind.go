package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"example.org/pdns/plugin/pkg/capture"
)

// A kind is what a file is.
type kind int

const (
	linesOfCOF kind = iota
	framesOfDnstap
	packetsOfPcap
)

// bboltMagic stands near the beginning of a run, in the order of its octets.
var bboltMagic = []byte{0xed, 0xda, 0x0c, 0xed}

// enough is how much of a file tells its kind.
const enough = 512

var errKind = errors.New("is of no kind that import knows: want COF (a JSON object a line), a frame stream of dnstap, pcap or pcapng")

// kindOf finds out what a file is. It waits for no more than the four octets that
// the shortest record has: what follows in may come later.
func kindOf(in *bufio.Reader) (kind, error) {
	if _, err := in.Peek(4); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	start, _ := in.Peek(min(enough, in.Buffered()))
	switch {
	case capture.IsPcap(start), capture.IsPcapng(start):
		return packetsOfPcap, nil
	case bytes.HasPrefix(start, make([]byte, 4)) && !bytes.HasPrefix(start, make([]byte, 8)):
		return framesOfDnstap, nil // a control frame, which is not empty
	case bytes.Contains(start, bboltMagic):
		return 0, errors.New("is a snapshot or a run of a store: pdns lookup and pdns export read it with --store")
	case looksLikeCOF(start):
		return linesOfCOF, nil
	}
	return 0, errKind
}

// looksLikeCOF reports whether the first thing in a file is a JSON object, or there
// is nothing at all.
func looksLikeCOF(start []byte) bool {
	const byteOrderMark = "\ufeff" // which some editors put first
	text := bytes.TrimLeft(bytes.TrimPrefix(start, []byte(byteOrderMark)), " \t\r\n")
	return len(text) == 0 || text[0] == '{'
}
