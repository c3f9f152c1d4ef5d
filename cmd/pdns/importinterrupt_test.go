package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/gzip"

	"example.org/pdns/plugin/pkg/dnstap"
)

// An endless file begins, and goes on with the same for ever. When some of it was
// read, it is interrupted.
type endless struct {
	begin, rest []byte
	interrupt   context.CancelFunc
	read        int
}

func (e *endless) Read(b []byte) (int, error) {
	if e.read += len(b); e.read > 4<<20 {
		e.interrupt()
	}
	if len(e.begin) > 0 {
		n := copy(b, e.begin)
		e.begin = e.begin[n:]
		return n, nil
	}
	n := 0
	for n+len(e.rest) <= len(b) {
		n += copy(b[n:], e.rest)
	}
	return n, nil
}

// TestInterruptInItem: an import is interrupted also in the midst of what makes no
// item, or one that does not end.
func TestInterruptInItem(t *testing.T) {
	var stream, packets, empty bytes.Buffer
	check(t, writeDnstap(&stream, mustParse(t, fuzzed)))
	check(t, writePcap(&packets, mustParse(t, "junk none")))
	z := gzip.NewWriter(&empty)
	check(t, z.Close())
	section := []byte("\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00")
	oversized := binary.BigEndian.AppendUint32(stream.Bytes()[:stream.Len()-12], 1<<31) // in place of STOP
	for name, e := range map[string]endless{
		"line":            {begin: []byte("{"), rest: []byte("x")},
		"oversized frame": {begin: oversized, rest: []byte{1}},
		"packets":         {begin: packets.Bytes()[:24], rest: packets.Bytes()[24:]},
		"unknown block":   {begin: append(section, "\xad\x0b\x00\x00\xfc\xff\xff\xff"...), rest: []byte{1}},
		"empty members":   {rest: empty.Bytes()},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			e.interrupt = cancel
			p := &program{err: io.Discard, store: filepath.Join(t.TempDir(), "store"), quiet: true}
			im := newImporter(p, importOptions{types: dnstap.AllTypes, ports: []uint16{53}})
			im.expect(nil)
			if err := im.take(ctx, "file", &input{Reader: &e}, nil); !errors.Is(err, context.Canceled) {
				t.Errorf("ended with %v", err)
			}
			check(t, im.keep(ctx))
		})
	}
}
