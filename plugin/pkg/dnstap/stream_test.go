package dnstap_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	framestream "github.com/farsightsec/golang-framestream"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/intake"
)

// control is a control frame, with the escape before it.
func control(t uint32, contents ...string) []byte {
	c := framestream.ControlFrame{ControlType: t}
	for _, s := range contents {
		c.ContentTypes = append(c.ContentTypes, []byte(s))
	}
	var b bytes.Buffer
	c.Encode(&b)
	return b.Bytes()
}

func data(frames ...string) []byte {
	var b []byte
	for _, f := range frames {
		b = binary.BigEndian.AppendUint32(b, uint32(len(f)))
		b = append(b, f...)
	}
	return b
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

var (
	ready = control(framestream.CONTROL_READY, "protobuf:other", dnstap.ContentType)
	start = control(framestream.CONTROL_START, dnstap.ContentType)
	stop  = control(framestream.CONTROL_STOP)
)

// read returns the frames of a stream, and the error that it ends with.
func read(r io.Reader, w io.Writer) (frames []string, oversized uint64, err error) {
	s, err := dnstap.NewStream(r, w)
	if err != nil {
		return nil, 0, err
	}
	workers := intake.Start(1, func(b *intake.Batch) {
		for f := range b.All {
			frames = append(frames, string(f))
		}
	})
	for err = s.Wait(); err == nil; err = s.Wait() {
		b := workers.Get()
		s.Fill(b)
		workers.Put(b)
	}
	workers.Close()
	return frames, s.Counts().Oversized, err
}

func TestStream(t *testing.T) {
	whole := strings.Repeat("w", 32)
	long := strings.Repeat("l", dnstap.MaxFrame)
	for name, tc := range map[string]struct {
		octets    []byte
		replies   bool
		want      []string
		oversized uint64
		err       error // matched by what the stream ends with
	}{
		"file":               {octets: join(start, data("one", "two"), stop), want: []string{"one", "two"}, err: io.EOF},
		"file without end":   {octets: join(start, data("one", "two")), want: []string{"one", "two"}, err: io.EOF},
		"nothing in it":      {octets: join(start, stop), err: io.EOF},
		"two files":          {octets: join(start, data("one"), stop, start, data("two"), stop), want: []string{"one", "two"}, err: io.EOF},
		"long frame":         {octets: join(start, data(long, "two")), want: []string{long, "two"}, err: io.EOF},
		"frame too long":     {octets: join(start, data("one", long+"l", "two")), want: []string{"one", "two"}, oversized: 1, err: io.EOF},
		"too long, cut off":  {octets: join(start, data("one"), []byte{255, 255, 255, 255, 1, 2}), want: []string{"one"}, oversized: 1, err: io.ErrUnexpectedEOF},
		"cut off":            {octets: join(start, data("one", "two"))[:len(start)+12], want: []string{"one"}, err: io.ErrUnexpectedEOF},
		"cut off in length":  {octets: join(start, data("one"), []byte{0, 0}), want: []string{"one"}, err: io.ErrUnexpectedEOF},
		"cut off in the end": {octets: join(start, data("one"), stop[:9]), want: []string{"one"}, err: io.ErrUnexpectedEOF},
		"control frame":      {octets: join(start, data("one"), control(77), data("two")), want: []string{"one", "two"}, err: io.EOF},
		"bad control frame":  {octets: join(start, data("one"), []byte{0, 0, 0, 0, 0, 0, 2, 1}), want: []string{"one"}, err: dnstap.ErrStream},
		"control frames":     {octets: join(start, bytes.Repeat(control(77), 98), data("one"), data("two")), want: []string{"one", "two"}, err: io.EOF},
		"control and data":   {octets: bytes.Join([][]byte{start, data(whole), data(whole)}, bytes.Repeat(control(77), 90)), want: []string{whole, whole}, err: io.EOF},
		"short for ever":     {octets: join(start, bytes.Repeat(data("1"), 200)), want: slices.Repeat([]string{"1"}, 100), err: dnstap.ErrStream},
		"control for ever":   {octets: join(start, data("one"), bytes.Repeat(control(77), 200), data("two")), want: []string{"one"}, err: dnstap.ErrStream},
		"nothing for ever":   {octets: join(start, bytes.Repeat(join(stop, start), 200)), err: dnstap.ErrStream},
		"nothing":            {err: io.EOF},
		"another format":     {octets: []byte("GET / HTTP/1.1\r\n\r\n"), err: dnstap.ErrStream},
		"another content":    {octets: control(framestream.CONTROL_START, "protobuf:other"), err: dnstap.ErrStream},
		"no content named":   {octets: join(control(framestream.CONTROL_START), data("one")), want: []string{"one"}, err: io.EOF},
		"ends at once":       {octets: stop, err: dnstap.ErrStream},
		"socket":             {octets: join(ready, start, data("one"), stop, data("behind")), replies: true, want: []string{"one"}, err: io.EOF},
		"socket, no replies": {octets: join(start, data("one"), stop), replies: true, want: []string{"one"}, err: io.EOF},
		"socket, other content": {octets: join(control(framestream.CONTROL_READY, "protobuf:other"), start),
			replies: true, err: dnstap.ErrStream},
		"half a handshake":       {octets: ready, replies: true, err: io.EOF},
		"reply that cannot be":   {octets: join(ready, start), err: dnstap.ErrStream},
		"data without handshake": {octets: join(ready, data("one")), replies: true, err: dnstap.ErrStream},
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{bytes.NewReader(tc.octets), iotest.OneByteReader(bytes.NewReader(tc.octets))} {
				var replies bytes.Buffer
				var w io.Writer
				if tc.replies {
					w = &replies
				}
				frames, oversized, err := read(r, w)
				if strings.Join(frames, "|") != strings.Join(tc.want, "|") || oversized != tc.oversized || !errors.Is(err, tc.err) {
					t.Errorf("%.80q, %d too long, error %v; want %.80q, %d, %v", frames, oversized, err, tc.want, tc.oversized, tc.err)
				}
			}
		})
	}
}

func TestStreamReplies(t *testing.T) {
	var replies bytes.Buffer
	if _, _, err := read(bytes.NewReader(join(ready, start, stop)), &replies); err != io.EOF {
		t.Fatal(err)
	}
	want := join(control(framestream.CONTROL_ACCEPT, dnstap.ContentType), control(framestream.CONTROL_FINISH))
	if !bytes.Equal(replies.Bytes(), want) {
		t.Errorf("%x, want %x", replies.Bytes(), want)
	}
}

// FuzzStream reads any octets, with golang-framestream's own reader as the oracle
// of what is whole. Of a sender that waits for replies that one believes any
// content, once it has named the right one.
func FuzzStream(f *testing.F) {
	f.Add(join(start, data("one", "two"), stop), false)
	f.Add(join(ready, start, data("one"), control(77), stop), true)
	f.Add(join(start, []byte{0, 3, 255, 255, 1}), false)
	f.Fuzz(func(t *testing.T, octets []byte, bidirectional bool) {
		var w io.Writer
		if bidirectional {
			w = io.Discard
		}
		got, _, _ := read(bytes.NewReader(octets), w)
		if bidirectional {
			return
		}
		for i, want := range oracle(octets) {
			if i >= len(got) || got[i] != want {
				t.Fatalf("frame %d: %.80q, want %.80q", i, got, want)
			}
		}
	})
}

// oracle returns the frames that the library reads before it finds an error.
func oracle(octets []byte) (frames []string) {
	r, err := framestream.NewReader(bytes.NewReader(octets), &framestream.ReaderOptions{ContentTypes: [][]byte{[]byte(dnstap.ContentType)}})
	if err != nil {
		return nil
	}
	buf := make([]byte, dnstap.MaxFrame)
	for {
		n, err := r.ReadFrame(buf)
		if err != nil {
			return frames
		}
		frames = append(frames, string(buf[:n]))
	}
}
