package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"github.com/gopacket/gopacket/layers"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// A packetSocket takes the frames of one interface (packet(7)).
type packetSocket struct {
	*os.File
	raw     syscall.RawConn
	ifindex int
}

// newPacketSocket opens a socket that takes nothing yet.
func newPacketSocket(ifi *net.Interface) (*packetSocket, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	s := &packetSocket{File: os.NewFile(uintptr(fd), "packet socket"), ifindex: ifi.Index}
	if s.raw, err = s.SyscallConn(); err == nil {
		err = s.bind(0)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// with calls the kernel about the socket.
func (s *packetSocket) with(call string, f func(fd int) error) error {
	var err error
	fail := s.raw.Control(func(fd uintptr) { err = f(int(fd)) })
	return errors.Join(fail, os.NewSyscallError(call, err))
}

// bind takes frames of a protocol from now on, of none with 0.
func (s *packetSocket) bind(protocol uint16) error {
	order := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, protocol))
	return s.with("bind", func(fd int) error {
		return unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: order, Ifindex: s.ifindex})
	})
}

// linkType is what frames of the interface begin with.
func (s *packetSocket) linkType() (t layers.LinkType, err error) {
	var bound unix.Sockaddr
	err = s.with("getsockname", func(fd int) (err error) {
		bound, err = unix.Getsockname(fd)
		return err
	})
	at, ok := bound.(*unix.SockaddrLinklayer)
	switch {
	case err != nil:
		return 0, err
	case !ok:
		return 0, errors.New("no packet socket")
	}
	switch at.Hatype {
	case unix.ARPHRD_ETHER, unix.ARPHRD_LOOPBACK:
		return layers.LinkTypeEthernet, nil
	case unix.ARPHRD_NONE, unix.ARPHRD_PPP, unix.ARPHRD_RAWIP, unix.ARPHRD_TUNNEL, unix.ARPHRD_TUNNEL6, unix.ARPHRD_SIT:
		return layers.LinkTypeRaw, nil
	}
	return 0, fmt.Errorf("frames of type %d, want Ethernet or raw IP", at.Hatype)
}

// setBuffer sets how much the kernel keeps, or as much as it lets us.
func (s *packetSocket) setBuffer(n int) error {
	return s.with("setsockopt", func(fd int) error {
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, n) == nil {
			return nil
		}
		return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, n)
	})
}

func (s *packetSocket) setPromiscuous() error {
	m := unix.PacketMreq{Ifindex: int32(s.ifindex), Type: unix.PACKET_MR_PROMISC}
	return s.with("setsockopt", func(fd int) error {
		return unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &m)
	})
}

// nothing lets no packet in.
var nothing = []bpf.Instruction{bpf.RetConstant{Val: 0}}

func (s *packetSocket) setFilter(program []bpf.Instruction) error {
	raw, err := bpf.Assemble(program)
	if err != nil {
		return err
	}
	code := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		code[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	return s.with("setsockopt", func(fd int) error {
		return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
			&unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]})
	})
}

// drops is how many packets found no room since the last call.
func (s *packetSocket) drops() (n uint64, err error) {
	err = s.with("getsockopt", func(fd int) error {
		stats, err := unix.GetsockoptTpacketStats(fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
		if err == nil {
			n = uint64(stats.Drops)
		}
		return err
	})
	return n, err
}
