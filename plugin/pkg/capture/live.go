package capture

import (
	"errors"
	"time"
)

// LiveOptions of a Live.
type LiveOptions struct {
	Options
	// Promiscuous takes what is addressed to other machines too, as a mirror
	// port shows it.
	Promiscuous bool
	// Incoming takes responses that the machine receives and queries that it sends,
	// and not its own answers to others. A loopback interface has no such sides.
	Incoming bool
	// Buffer is how many octets of packets the kernel may keep until they are
	// read; default 16 MiB. Without the right to it there may be less.
	Buffer int
}

const defaultBuffer = 16 << 20

// ErrQuiet is no failure: no response has come for half a second.
var ErrQuiet = errors.New("capture: no response has come")

// quiet is how long Next waits for a response, and a device for a packet.
const quiet = 500 * time.Millisecond

// A Live reads the responses that pass a network interface. Stop, Stats and Dropped
// are safe for use beside Next.
type Live struct {
	Reader
	device device
}

// A device is a source that comes to an end when it is stopped, or its interface
// removed.
type device interface {
	source
	stop() error
	close() error
	dropped() (uint64, error)
}

// OpenLive begins to capture on a network interface, for which it needs the
// capability CAP_NET_RAW, or root. What follows needs neither. Only responses,
// and queries and what opens connections with Match, ever leave the kernel.
func OpenLive(name string, o LiveOptions) (*Live, error) {
	o.Options = o.withDefaults()
	if o.Buffer <= 0 {
		o.Buffer = defaultBuffer
	}
	d, err := openDevice(name, o)
	if err != nil {
		return nil, err
	}
	return &Live{Reader{src: d, dec: newDecoder(o.Options)}, d}, nil
}

// Next waits for the next response. The error is ErrQuiet where none comes, and
// io.EOF once the capture was stopped.
func (l *Live) Next() (Message, error) {
	for since := time.Now(); ; {
		if m, ok, err := l.message(); ok || err != nil {
			return m, err
		}
		if l.dec.now.Sub(since) > quiet { // packets come, but nothing of use
			return Message{}, ErrQuiet
		}
	}
}

// Stop lets no more packets in: Next gives out what is there, and then io.EOF.
func (l *Live) Stop() error { return l.device.stop() }

// Close ends the capture at once. Nothing may be read any more.
func (l *Live) Close() error { return l.device.close() }

// Dropped is how many packets the kernel had to leave out, since they were not
// read as fast as they came.
func (l *Live) Dropped() (uint64, error) { return l.device.dropped() }
