package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// A packet is what was captured of one, from the link layer on.
type packet struct {
	time time.Time
	link layers.LinkType
	data []byte
}

// Magic numbers of pcap as they read in the order of octets that the file has,
// and of pcapng.
const (
	pcapMicro  = 0xa1b2c3d4
	pcapNano   = 0xa1b23c4d
	pcapngType = 0x0a0d0d0a
)

const fileBuffer = 64 << 10

func newFile(in io.Reader) (source, error) {
	buf := bufio.NewReaderSize(in, fileBuffer)
	head, err := buf.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case len(head) == 0:
		return nil, errors.New("capture: the file is empty")
	case IsPcap(head):
		return newPcap(buf)
	case IsPcapng(head):
		return newPcapng(buf)
	}
	return nil, fmt.Errorf("capture: neither pcap nor pcapng: it begins with %x", head)
}

// IsPcap reports whether a file that begins so is pcap.
func IsPcap(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	little, big := binary.LittleEndian.Uint32(head), binary.BigEndian.Uint32(head)
	return little == pcapMicro || little == pcapNano || big == pcapMicro || big == pcapNano
}

// IsPcapng reports whether a file that begins so is pcapng.
func IsPcapng(head []byte) bool {
	return len(head) >= 4 && binary.BigEndian.Uint32(head) == pcapngType
}

// maxRead is how much of a file may be read for one packet. Packets have at most
// 256 KiB; what the file says is longer is not believed.
const maxRead = 4 << 20

// A meter bounds what is read for one packet.
type meter struct {
	in io.Reader
	n  int // since the last packet
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.in.Read(b)
	if m.n += n; m.n > maxRead {
		return n, fmt.Errorf("longer than %d MiB", maxRead>>20)
	}
	return n, err
}

// A zeroCopyReader is what both kinds of file are read by.
type zeroCopyReader interface {
	ZeroCopyReadPacketData() ([]byte, gopacket.CaptureInfo, error)
}

// read reads one packet. Of a file that ends in its midst the error matches
// io.ErrUnexpectedEOF.
func (m *meter) read(from zeroCopyReader) ([]byte, gopacket.CaptureInfo, error) {
	m.n = 0
	data, info, err := from.ZeroCopyReadPacketData()
	if err != nil && errors.Is(err, io.EOF) && !info.Timestamp.IsZero() {
		err = io.ErrUnexpectedEOF // behind its header
	}
	return data, info, err
}

type pcapFile struct {
	meter *meter
	in    *pcapgo.Reader
}

func newPcap(in io.Reader) (source, error) {
	m := &meter{in: in}
	r, err := pcapgo.NewReader(bufio.NewReaderSize(m, fileBuffer))
	if err != nil {
		return nil, fmt.Errorf("capture: pcap header: %w", err)
	}
	return &pcapFile{m, r}, nil
}

func (f *pcapFile) next() (packet, error) {
	data, info, err := f.meter.read(f.in)
	return packet{info.Timestamp, f.in.LinkType(), data}, err
}

// A pcapngFile may have several interfaces, each with a link layer of its own.
type pcapngFile struct {
	blocks *blocks
	meter  *meter
	in     *pcapgo.NgReader
}

func newPcapng(in *bufio.Reader) (source, error) {
	b := &blocks{in: in}
	m := &meter{in: b}
	r, err := pcapgo.NewNgReader(bufio.NewReaderSize(m, fileBuffer), pcapgo.NgReaderOptions{WantMixedLinkType: true})
	if err != nil {
		return nil, fmt.Errorf("capture: pcapng header: %w", err)
	}
	return &pcapngFile{b, m, r}, nil
}

func (f *pcapngFile) next() (packet, error) {
	data, info, err := f.meter.read(f.in)
	switch {
	case err != nil && f.blocks.cut:
		return packet{}, io.ErrUnexpectedEOF // which pcapgo does not always say
	case err != nil:
		return packet{}, err
	}
	from, err := f.in.Interface(info.InterfaceIndex)
	return packet{info.Timestamp, from.LinkType, data}, err
}
