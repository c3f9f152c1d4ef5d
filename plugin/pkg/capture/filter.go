package capture

import (
	"fmt"

	"github.com/gopacket/gopacket/layers"
	"golang.org/x/net/bpf"
)

// A Direction is which way packets go that are let in.
type Direction uint8

const (
	// Both lets in what the machine sends and what it receives.
	Both Direction = iota
	// Received leaves out what the machine sends: on a loopback interface that is
	// what it receives too.
	Received
	// Asked lets in responses that the machine receives, and queries that it sends.
	Asked
)

// Filter is a program for the kernel that passes what is to be decoded: UDP and
// TCP from the ports of the options, to them too with Match, with up to two VLAN
// tags; fragments other than the first, which have no ports; and IPv6 behind
// extension headers. It is for a link layer of Ethernet, or else of raw IP.
func Filter(link layers.LinkType, o Options, way Direction) ([]bpf.Instruction, error) {
	o = o.withDefaults()
	f := filter{jumps: map[int]string{}, labels: map[string]int{}}
	if way == Received {
		f.whenSent("drop")
	}
	if link == layers.LinkTypeEthernet {
		f.ethernet()
	} else {
		f.raw()
	}
	f.ipv4()
	f.ipv6()
	f.ports(o, way)
	f.label("part")
	if way == Asked {
		f.whenSent("drop")
	}
	f.always("pass")
	f.label("drop")
	f.add(bpf.RetConstant{Val: 0})
	f.label("pass")
	f.add(bpf.RetConstant{Val: maxPacket})
	return f.assemble()
}

// maxPacket is how much of a packet is captured: all of it.
const maxPacket = 256 << 10

// outgoing is PACKET_OUTGOING of packet(7).
const outgoing = 4

// whenSent jumps if the machine sends the packet.
func (f *filter) whenSent(to string) {
	f.add(bpf.LoadExtension{Num: bpf.ExtType})
	f.when(outgoing, to)
}

// A filter is a program that is being written, with labels to jump to.
type filter struct {
	code   []bpf.Instruction
	jumps  map[int]string // of instructions that jump if true
	labels map[string]int
}

func (f *filter) add(ins ...bpf.Instruction) { f.code = append(f.code, ins...) }

func (f *filter) label(name string) { f.labels[name] = len(f.code) }

// jump jumps to a label if the accumulator passes a test.
func (f *filter) jump(test bpf.JumpTest, value uint32, to string) {
	f.jumps[len(f.code)] = to
	f.add(bpf.JumpIf{Cond: test, Val: value})
}

func (f *filter) when(value uint32, to string) { f.jump(bpf.JumpEqual, value, to) }

func (f *filter) always(to string) { f.jump(bpf.JumpGreaterOrEqual, 0, to) }

// assemble fills the jumps in.
func (f *filter) assemble() ([]bpf.Instruction, error) {
	for at, to := range f.jumps {
		j, ok := f.code[at].(bpf.JumpIf)
		skip := f.labels[to] - at - 1
		if !ok || skip < 0 || skip > 255 {
			return nil, fmt.Errorf("capture: filter: jump over %d instructions, of at most 255: too many ports", skip)
		}
		j.SkipTrue = uint8(skip)
		f.code[at] = j
	}
	return f.code, nil
}

// From here on X is where the IP header is.

func (f *filter) ethernet() {
	for at := uint32(12); ; at += 4 {
		f.add(bpf.LoadConstant{Dst: bpf.RegX, Val: at + 2}, bpf.LoadAbsolute{Off: at, Size: 2})
		f.when(uint32(layers.EthernetTypeIPv4), "ipv4")
		f.when(uint32(layers.EthernetTypeIPv6), "ipv6")
		if at == 12+2*4 {
			break
		}
		tagged := fmt.Sprint("tag", at)
		f.when(uint32(layers.EthernetTypeDot1Q), tagged)
		f.when(uint32(layers.EthernetTypeQinQ), tagged)
		f.when(uint32(oldQinQ), tagged)
		f.always("drop")
		f.label(tagged)
	}
	f.always("drop")
}

func (f *filter) raw() {
	f.add(bpf.LoadConstant{Dst: bpf.RegX, Val: 0}, bpf.LoadAbsolute{Off: 0, Size: 1}, bpf.ALUOpConstant{Op: bpf.ALUOpShiftRight, Val: 4})
	f.when(4, "ipv4")
	f.when(6, "ipv6")
	f.always("drop")
}

// forward moves X on by a constant.
func (f *filter) forward(n uint32) {
	f.add(bpf.TXA{}, bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: n}, bpf.TAX{})
}

func (f *filter) ipv4() {
	f.label("ipv4")
	f.add(bpf.LoadIndirect{Off: 9, Size: 1})
	f.when(uint32(layers.IPProtocolAH), "part")
	f.when(uint32(layers.IPProtocolUDP), "ipv4 fragment")
	f.when(uint32(layers.IPProtocolTCP), "ipv4 fragment")
	f.always("drop")
	f.label("ipv4 fragment")
	f.add(bpf.LoadIndirect{Off: 6, Size: 2})
	f.jump(bpf.JumpBitsSet, 0x1fff, "part")
	f.add(bpf.LoadIndirect{Off: 0, Size: 1}, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0x0f},
		bpf.ALUOpConstant{Op: bpf.ALUOpShiftLeft, Val: 2}, bpf.ALUOpX{Op: bpf.ALUOpAdd}, bpf.TAX{})
	f.always("ports")
}

func (f *filter) ipv6() {
	f.label("ipv6")
	f.add(bpf.LoadIndirect{Off: 6, Size: 1})
	f.when(uint32(layers.IPProtocolUDP), "ipv6 whole")
	f.when(uint32(layers.IPProtocolTCP), "ipv6 whole")
	f.extension("part")
	f.when(uint32(layers.IPProtocolIPv6Fragment), "ipv6 fragment")
	f.always("drop")

	f.label("ipv6 fragment")
	f.add(bpf.LoadIndirect{Off: 40, Size: 1}) // what follows the fragment header
	f.extension("part")
	f.when(uint32(layers.IPProtocolUDP), "ipv6 part")
	f.when(uint32(layers.IPProtocolTCP), "ipv6 part")
	f.always("drop")
	f.label("ipv6 part")
	f.add(bpf.LoadIndirect{Off: 42, Size: 2})
	f.jump(bpf.JumpBitsSet, 0xfff8, "part")
	f.forward(8)

	f.label("ipv6 whole")
	f.forward(40)
}

func (f *filter) extension(to string) {
	for _, p := range []layers.IPProtocol{layers.IPProtocolIPv6HopByHop, layers.IPProtocolIPv6Routing,
		layers.IPProtocolIPv6Destination, layers.IPProtocolAH} {
		f.when(uint32(p), to)
	}
}

// ports passes what comes from a DNS port, or goes to one where that is of use.
func (f *filter) ports(o Options, way Direction) {
	f.label("ports")
	if way == Asked {
		f.whenSent("to")
	}
	f.add(bpf.LoadIndirect{Off: 0, Size: 2})
	f.whenOneOf(o.Ports)
	if way == Asked {
		f.always("drop")
	}
	f.label("to")
	if o.Match {
		f.add(bpf.LoadIndirect{Off: 2, Size: 2})
		f.whenOneOf(o.Ports)
	}
	f.always("drop")
}

func (f *filter) whenOneOf(ports []uint16) {
	for _, p := range ports {
		f.when(uint32(p), "pass")
	}
}
