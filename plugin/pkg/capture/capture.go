// Package capture reads DNS responses off packets: those of a file (pcap or
// pcapng) and those that pass a network interface.
//
// # What comes out
//
// Messages, each the payload of a UDP datagram or one message of a TCP stream
// that came from a port of DNS servers, and has the bit set that says that it is
// a response. Addresses and ports are used to put fragments and streams together
// and go no further: a Message has no field for them.
//
// # What stands between
//
// Ethernet with VLAN tags, Linux cooked, loopback and raw IP; IPv4 and IPv6 with
// extension headers. Headers are read by gopacket's layers, files by its pcapgo.
// Fragments and streams are put together here, though gopacket can do that too:
// its defragmenters keep what they are given without a bound, or by the clock of
// the machine, and its TCP reassembly waits for both directions of a connection
// to end, of which a server's responses are only one.
//
// Memory is bounded, whatever the packets say: see the limits in fragment.go and
// streams.go. What is given up for that is counted.
package capture

import (
	"errors"
	"io"
	"time"
)

// A Message is a response in wire form.
type Message struct {
	Time time.Time // when its last packet was seen; zero if the file does not tell
	Wire []byte
}

// Options of a Reader and a Live.
type Options struct {
	// Ports are those that responses come from; default 53.
	Ports []uint16
	// Match leaves out what was not asked for, since a resolver refuses it too. By
	// UDP it takes the first response to each query that was seen, within seconds.
	// By TCP it takes connections of which it saw the client open them and the
	// server accept that, and of these only what has its place there.
	Match bool
}

func (o Options) withDefaults() Options {
	if len(o.Ports) == 0 {
		o.Ports = []uint16{53}
	}
	return o
}

// A Reader reads the responses of a capture file. Only Stats is safe for use
// beside another method.
type Reader struct {
	src source
	dec *decoder
	n   uint64 // packets read
	err error  // how it ended
}

// A source gives packets, whose data is valid until the next one. The end is
// io.EOF; another error is final too.
type source interface {
	next() (packet, error)
}

// NewReader finds out from the content which kind of file it is. The error is
// about its beginning.
func NewReader(in io.Reader, o Options) (*Reader, error) {
	src, err := newFile(in)
	if err != nil {
		return nil, err
	}
	return &Reader{src: src, dec: newDecoder(o.withDefaults())}, nil
}

// Next returns the next response, which is valid until the next call. At the end
// of the file the error is io.EOF. A file that is cut short, or damaged, gives
// what stands before, and then an error that names the packet.
func (r *Reader) Next() (Message, error) {
	for {
		if m, ok, err := r.message(); ok || err != nil {
			return m, err
		}
	}
}

// message returns the next response, if it takes no more than one packet.
func (r *Reader) message() (m Message, ok bool, err error) {
	if m, ok = r.dec.take(); ok {
		return m, true, nil
	}
	if r.err != nil {
		return Message{}, false, r.err
	}
	err = r.read()
	return Message{}, false, err
}

// read decodes one packet, or what is still waiting at the end. An error is one
// that does not end it.
func (r *Reader) read() error {
	if err := r.step(); err == nil || errors.Is(err, ErrQuiet) {
		return err
	}
	r.dec.finish()
	return nil
}

// Stats counts what has been read so far.
func (r *Reader) Stats() Stats { return r.dec.stats.read() }
