package capture

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gopacket/gopacket/layers"
	"golang.org/x/sys/unix"
)

// A device of Linux is a packet socket. Octets are read past os.File, which would
// take an interface that is down for the end.
type packetDevice struct {
	socket *packetSocket
	name   string
	ifi    *net.Interface
	link   layers.LinkType

	buf      []byte
	deadline time.Time
	n        int   // of the last read
	err      error // of the last read
	receive  func(fd uintptr) bool

	stopped atomic.Bool
	mu      sync.Mutex // guards what follows
	drops   uint64
	closed  bool
}

// Errors of opening, beside those of the system.
var (
	errNoInterface = fmt.Errorf("no such interface: %w", os.ErrNotExist)
	errNoRight     = fmt.Errorf("no right to listen: %w", os.ErrPermission)
)

func openDevice(name string, o LiveOptions) (device, error) {
	ifi, err := net.InterfaceByName(name)
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", name, errNoInterface)
	}
	socket, err := newPacketSocket(ifi)
	if errors.Is(err, unix.EPERM) {
		err = errNoRight
	}
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", name, err)
	}
	d := &packetDevice{socket: socket, name: name, ifi: ifi, buf: make([]byte, maxPacket)}
	d.receive = d.receiveFrom
	if err := d.prepare(o); err != nil {
		socket.Close()
		return nil, d.named(err)
	}
	return d, nil
}

// prepare sets all up, and then lets packets in.
func (d *packetDevice) prepare(o LiveOptions) (err error) {
	if d.link, err = d.socket.linkType(); err != nil {
		return err
	}
	if err := d.socket.setBuffer(o.Buffer); err != nil {
		return err
	}
	if o.Promiscuous {
		if err := d.socket.setPromiscuous(); err != nil {
			return err
		}
	}
	program, err := Filter(d.link, o.Options, d.way(o))
	if err != nil {
		return err
	}
	if err := d.socket.setFilter(program); err != nil {
		return err
	}
	return d.socket.bind(unix.ETH_P_ALL)
}

func (d *packetDevice) way(o LiveOptions) Direction {
	switch {
	case d.ifi.Flags&net.FlagLoopback != 0:
		return Received
	case o.Incoming:
		return Asked
	}
	return Both
}

// receiveFrom reads one packet, and reports false if there is none yet.
func (d *packetDevice) receiveFrom(fd uintptr) bool {
	for {
		d.n, d.err = unix.Read(int(fd), d.buf)
		if !errors.Is(d.err, unix.EINTR) {
			return !errors.Is(d.err, unix.EAGAIN)
		}
	}
}

func (d *packetDevice) next() (packet, error) {
	for {
		switch err := d.wait(); {
		case errors.Is(err, os.ErrDeadlineExceeded) && d.stopped.Load():
			return d.rest()
		case errors.Is(err, os.ErrDeadlineExceeded):
			d.deadline = time.Time{}
			return packet{}, ErrQuiet
		case err != nil:
			return packet{}, d.named(err)
		case d.err == nil:
			return d.received(), nil
		case !errors.Is(d.err, unix.ENETDOWN) || d.removed():
			return packet{}, d.named(d.err)
		} // else the interface is down, and may come up again
	}
}

// wait reads a packet, and waits for it until the deadline.
func (d *packetDevice) wait() error {
	if d.stopped.Load() {
		return os.ErrDeadlineExceeded
	}
	if now := time.Now(); d.deadline.Sub(now) < quiet/2 { // not for each packet
		d.deadline = now.Add(quiet)
		if err := d.socket.SetReadDeadline(d.deadline); err != nil {
			return err
		}
	}
	return d.socket.raw.Read(d.receive)
}

// rest reads a packet that was there when the capture was stopped.
func (d *packetDevice) rest() (packet, error) {
	there := false
	if err := d.socket.raw.Control(func(fd uintptr) { there = d.receive(fd) && d.err == nil }); err != nil {
		return packet{}, d.named(err)
	}
	if !there {
		return packet{}, io.EOF
	}
	return d.received(), nil
}

func (d *packetDevice) received() packet { return packet{time.Now(), d.link, d.buf[:d.n]} }

// removed reports whether the interface is gone for good.
func (d *packetDevice) removed() bool {
	_, err := net.InterfaceByIndex(d.ifi.Index)
	return err != nil
}

func (d *packetDevice) named(err error) error {
	return fmt.Errorf("interface %s: %w", d.name, err)
}

func (d *packetDevice) stop() error {
	err := d.socket.setFilter(nothing)
	d.stopped.Store(true)
	return errors.Join(err, d.socket.SetReadDeadline(time.Now())) // wakes who waits
}

// close keeps the kernel's last figures.
func (d *packetDevice) close() error {
	_, err := d.dropped()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	return errors.Join(err, d.socket.Close())
}

func (d *packetDevice) dropped() (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return d.drops, nil
	}
	n, err := d.socket.drops() // since the last call
	d.drops += n
	return d.drops, err
}
