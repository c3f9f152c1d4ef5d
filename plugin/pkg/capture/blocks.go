package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Types of pcapng blocks that matter.
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacket    = 2 // obsolete, still found
	blockSimple    = 3
	blockEnhanced  = 6
)

// maxInterfaces is how many interfaces a section may have, and maxInterface how
// long the block about one may be.
const (
	maxInterfaces = 1 << 12
	maxInterface  = fileBuffer
)

// blocks reads a pcapng file without what is of no use here, and pcapgo would keep:
// names of hosts, secrets for decryption, statistics, what interfaces are called.
type blocks struct {
	in         *bufio.Reader
	order      binary.ByteOrder
	rest       int  // octets of a block that is passed on
	interfaces int  // in this section
	cut        bool // the file ended within a block
}

var errBlock = errors.New("malformed block")

// Read passes on what is left of a block.
func (b *blocks) Read(p []byte) (int, error) {
	for b.rest == 0 {
		if err := b.begin(); err != nil {
			return 0, err
		}
	}
	n, err := b.in.Read(p[:min(len(p), b.rest)])
	b.rest -= n
	b.cut = b.cut || b.rest > 0 && errors.Is(err, io.EOF)
	return n, err
}

// begin looks at the head of the next block, and skips it if it is of no use. At
// the end of the file the error is io.EOF.
func (b *blocks) begin() error {
	head, err := b.in.Peek(12) // no block is shorter
	if err != nil {
		b.cut = b.cut || len(head) > 0 && errors.Is(err, io.EOF)
		return err
	}
	if binary.BigEndian.Uint32(head) == blockSection {
		if err := b.section(head); err != nil {
			return err
		}
	}
	length := int64(b.order.Uint32(head[4:]))
	if length < 12 || length%4 != 0 {
		return fmt.Errorf("%w: length %d", errBlock, length)
	}
	switch kind := b.order.Uint32(head); kind {
	case blockInterface:
		if err := b.describe(length); err != nil {
			return err
		}
	case blockSection, blockPacket, blockSimple, blockEnhanced:
	default:
		return b.skip(length)
	}
	if length > maxRead {
		return fmt.Errorf("%w: longer than %d MiB", errBlock, maxRead>>20)
	}
	b.rest = int(length)
	return nil
}

// section learns the order of octets from the head of a section.
func (b *blocks) section(head []byte) error {
	const magic = 0x1a2b3c4d
	switch {
	case binary.LittleEndian.Uint32(head[8:]) == magic:
		b.order = binary.LittleEndian
	case binary.BigEndian.Uint32(head[8:]) == magic:
		b.order = binary.BigEndian
	default:
		return fmt.Errorf("%w: a section with byte order %x", errBlock, head[8:12])
	}
	b.interfaces = 0
	return nil
}

// describe counts an interface, and hides the options about it but for those that
// say what its times mean.
func (b *blocks) describe(length int64) error {
	const fixed, end, resolution, offset, unknown = 16, 0, 9, 14, 0x7fff
	switch b.interfaces++; {
	case b.interfaces > maxInterfaces:
		return fmt.Errorf("%w: more than %d interfaces", errBlock, maxInterfaces)
	case length > maxInterface:
		return fmt.Errorf("%w: an interface longer than %d KiB", errBlock, maxInterface>>10)
	case length < fixed+4:
		return fmt.Errorf("%w: an interface of %d octets", errBlock, length)
	}
	block, err := b.in.Peek(int(length))
	if err != nil {
		b.cut = errors.Is(err, io.EOF)
		return err
	}
	for options := block[fixed : length-4]; len(options) >= 4; {
		code, size := b.order.Uint16(options), (int(b.order.Uint16(options[2:]))+3)&^3
		switch {
		case code == end:
			return nil
		case 4+size > len(options):
			return fmt.Errorf("%w: an option of an interface is longer than the block", errBlock)
		case code != resolution && code != offset:
			b.order.PutUint16(options, unknown)
		}
		options = options[4+size:]
	}
	return nil
}

func (b *blocks) skip(length int64) error {
	n, err := b.in.Discard(int(length))
	b.cut = b.cut || int64(n) < length && errors.Is(err, io.EOF)
	return err
}
