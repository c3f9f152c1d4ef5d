package capture

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gopacket/gopacket/layers"
	afpacket "github.com/mdlayher/packet"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// A socket is a packet socket (packet(7)). Its octets are read past the library,
// which would allocate an address for each packet.
type socket struct {
	conn *afpacket.Conn
	raw  syscall.RawConn
	name string
	ifi  *net.Interface
	link layers.LinkType

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

// quiet is how long next waits for a packet.
const quiet = 500 * time.Millisecond

func openDevice(name string, o LiveOptions) (device, error) {
	ifi, err := net.InterfaceByName(name)
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", name, err)
	}
	// What comes before the interface's kind is known is left out.
	nothing, err := dropAll()
	if err != nil {
		return nil, err
	}
	conn, err := afpacket.Listen(ifi, afpacket.Raw, unix.ETH_P_ALL, &afpacket.Config{Filter: nothing})
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", name, err)
	}
	s := &socket{conn: conn, name: name, ifi: ifi, buf: make([]byte, maxPacket)}
	s.receive = s.receiveFrom
	if err := s.prepare(o); err != nil {
		conn.Close()
		return nil, fmt.Errorf("interface %s: %w", name, err)
	}
	return s, nil
}

func dropAll() ([]bpf.RawInstruction, error) {
	return bpf.Assemble([]bpf.Instruction{bpf.RetConstant{Val: 0}})
}

// prepare lets packets in.
func (s *socket) prepare(o LiveOptions) (err error) {
	if s.raw, err = s.conn.SyscallConn(); err != nil {
		return err
	}
	if s.link, err = s.linkType(); err != nil {
		return err
	}
	if err := s.setBuffer(o.Buffer); err != nil {
		return err
	}
	if o.Promiscuous {
		if err := s.conn.SetPromiscuous(true); err != nil {
			return err
		}
	}
	program, err := Filter(s.link, o.Options, s.ifi.Flags&net.FlagLoopback != 0)
	if err != nil {
		return err
	}
	code, err := bpf.Assemble(program)
	if err != nil {
		return err
	}
	return s.conn.SetBPF(code)
}

// linkType is what frames of the interface begin with.
func (s *socket) linkType() (layers.LinkType, error) {
	var addr unix.Sockaddr
	var err error
	if fail := s.raw.Control(func(fd uintptr) { addr, err = unix.Getsockname(int(fd)) }); fail != nil || err != nil {
		return 0, errors.Join(fail, err)
	}
	bound, ok := addr.(*unix.SockaddrLinklayer)
	if !ok {
		return 0, errors.New("no packet socket")
	}
	switch bound.Hatype {
	case unix.ARPHRD_ETHER, unix.ARPHRD_LOOPBACK:
		return layers.LinkTypeEthernet, nil
	case unix.ARPHRD_NONE, unix.ARPHRD_PPP, unix.ARPHRD_RAWIP, unix.ARPHRD_TUNNEL, unix.ARPHRD_TUNNEL6, unix.ARPHRD_SIT:
		return layers.LinkTypeRaw, nil
	}
	return 0, fmt.Errorf("frames of type %d, want Ethernet or raw IP", bound.Hatype)
}

// setBuffer sets how much the kernel keeps, or as much as it lets us.
func (s *socket) setBuffer(n int) error {
	var err error
	fail := s.raw.Control(func(fd uintptr) {
		if err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, n); err != nil {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, n)
		}
	})
	return errors.Join(fail, err)
}

// receiveFrom reads one packet, and reports false if there is none yet.
func (s *socket) receiveFrom(fd uintptr) bool {
	for {
		s.n, s.err = unix.Read(int(fd), s.buf)
		if !errors.Is(s.err, unix.EINTR) {
			return !errors.Is(s.err, unix.EAGAIN)
		}
	}
}

func (s *socket) next() (packet, error) {
	for {
		switch err := s.wait(); {
		case errors.Is(err, os.ErrDeadlineExceeded) && s.stopped.Load():
			return s.rest()
		case errors.Is(err, os.ErrDeadlineExceeded):
			s.deadline = time.Time{}
			return packet{}, ErrQuiet
		case err != nil:
			return packet{}, s.named(err)
		case s.err == nil:
			return s.received(), nil
		case !errors.Is(s.err, unix.ENETDOWN) || s.removed():
			return packet{}, s.named(s.err)
		} // else the interface is down, and may come up again
	}
}

// wait reads a packet, and waits for it until the deadline.
func (s *socket) wait() error {
	if s.stopped.Load() {
		return os.ErrDeadlineExceeded
	}
	if now := time.Now(); s.deadline.Sub(now) < quiet/2 { // not for each packet
		s.deadline = now.Add(quiet)
		if err := s.conn.SetReadDeadline(s.deadline); err != nil {
			return err
		}
	}
	return s.raw.Read(s.receive)
}

// rest reads a packet that was there when the capture was stopped.
func (s *socket) rest() (packet, error) {
	there := false
	if err := s.raw.Control(func(fd uintptr) { there = s.receive(fd) && s.err == nil }); err != nil {
		return packet{}, s.named(err)
	}
	if !there {
		return packet{}, io.EOF
	}
	return s.received(), nil
}

func (s *socket) received() packet { return packet{time.Now(), s.link, s.buf[:s.n]} }

// removed reports whether the interface is gone for good.
func (s *socket) removed() bool {
	_, err := net.InterfaceByIndex(s.ifi.Index)
	return err != nil
}

func (s *socket) named(err error) error { return fmt.Errorf("interface %s: %w", s.name, err) }

func (s *socket) stop() error {
	nothing, err := dropAll()
	if err == nil {
		err = s.conn.SetBPF(nothing)
	}
	s.stopped.Store(true)
	return errors.Join(err, s.conn.SetReadDeadline(time.Now())) // wakes who waits
}

// close keeps the kernel's last figures.
func (s *socket) close() error {
	_, err := s.dropped()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return errors.Join(err, s.conn.Close())
}

func (s *socket) dropped() (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return s.drops, nil
	}
	stats, err := s.conn.Stats() // since the last call
	if err == nil {
		s.drops += uint64(stats.Drops)
	}
	return s.drops, err
}
