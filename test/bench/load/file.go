package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"time"

	framestream "github.com/farsightsec/golang-framestream"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/test/bench/workload"
)

// A form writes RRsets into a file; end comes behind the last.
type form struct {
	write func(*rrset.RRset) error
	end   func() error
}

// toFile writes all observations in a form.
func toFile(begin func(io.Writer) (form, error)) func(*load) (*tally, error) {
	return func(l *load) (t *tally, err error) {
		out := l.out
		if l.target != "-" {
			f, err := os.Create(l.target)
			if err != nil {
				return nil, err
			}
			defer func() { err = errors.Join(err, f.Close()) }()
			out = f
		}
		buffered := bufio.NewWriterSize(out, 1<<20)
		form, err := begin(buffered)
		if err != nil {
			return nil, err
		}
		t = new(tally)
		if err := t.each(workload.NewGenerator(l.config), form.write); err != nil {
			return nil, err
		}
		return t, errors.Join(form.end(), buffered.Flush())
	}
}

// appended is the form of what is appended for each RRset, and nothing else.
func appended(w io.Writer, appendTo func([]byte, *rrset.RRset) []byte) form {
	var buf []byte
	return form{
		write: func(r *rrset.RRset) error {
			buf = appendTo(buf[:0], r)
			_, err := w.Write(buf)
			return err
		},
		end: func() error { return nil },
	}
}

func newRecords(w io.Writer) (form, error) { return appended(w, workload.AppendRecord), nil }

func newLines(w io.Writer) (form, error) {
	return appended(w, func(dst []byte, r *rrset.RRset) []byte { return append(cof.Append(dst, r), '\n') }), nil
}

func newFrames(w io.Writer) (form, error) {
	enc, err := framestream.NewEncoder(w, &framestream.EncoderOptions{ContentType: []byte(dnstap.ContentType)})
	if err != nil {
		return form{}, err
	}
	var frame, message []byte
	write := func(r *rrset.RRset) error {
		message = appendMessage(message[:0], r)
		e := dnstap.Event{Type: dnstap.ResolverResponse, Time: time.Unix(r.First, 0), Response: message}
		if r.Marks&rrset.BailiwickKnown != 0 {
			e.Zone = r.Bailiwick
		}
		frame = dnstap.Append(frame[:0], &e)
		_, err := enc.Write(frame)
		return err
	}
	return form{write, enc.Close}, nil
}

// appendMessage appends the response, in wire form, that brought an RRset or said
// that there is none.
func appendMessage(dst []byte, r *rrset.RRset) []byte {
	const authoritative = 0x8400 // with QR
	answers, asked, rcode := r.Rdata, r.Type, dns.RcodeSuccess
	switch r.Type {
	case rrset.TypeNODATA:
		answers, asked = nil, binary.BigEndian.Uint16(r.Rdata[0])
	case rrset.TypeNXDOMAIN:
		asked, rcode = dns.TypeA, dns.RcodeNameError
	}
	for _, n := range [...]int{0, authoritative | rcode, 1, len(answers), 0, 0} {
		dst = binary.BigEndian.AppendUint16(dst, uint16(n))
	}
	dst = binary.BigEndian.AppendUint16(append(dst, r.Owner...), asked)
	dst = binary.BigEndian.AppendUint16(dst, dns.ClassINET)
	for _, rdata := range answers {
		dst = append(dst, 0xc0, 12) // the name in the question
		dst = binary.BigEndian.AppendUint16(dst, r.Type)
		dst = binary.BigEndian.AppendUint16(dst, dns.ClassINET)
		dst = binary.BigEndian.AppendUint32(dst, r.TTLMax)
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(rdata)))
		dst = append(dst, rdata...)
	}
	return dst
}
