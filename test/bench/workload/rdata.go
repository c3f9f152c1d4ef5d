package workload

import (
	"encoding/binary"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// Sizes of RRsets, in a thousand: of one member, of two and so on.
var (
	addressSizes = []uint64{555, 342, 52, 27, 6, 4, 3, 4, 1, 2, 1, 2, 1}
	serverSizes  = []uint64{5, 560, 120, 200, 30, 50, 10, 10, 3, 4, 2, 2, 4}
	mailSizes    = []uint64{480, 260, 70, 50, 120, 20}
	textSizes    = []uint64{400, 200, 130, 90, 60, 40, 30, 20, 10, 8, 6, 4, 2}
)

// One RRset of A in tailShare is of the tail: its size is from tailLeast up to what
// still fits into a message, 4000.
const (
	tailShare     = 2000
	tailLeast     = 15.625
	tailDoublings = 8
)

// addRdata adds what was appended to g.rdata from start on as a member.
func (g *Generator) addRdata(start int) {
	g.set.Rdata = append(g.set.Rdata, g.rdata[start:len(g.rdata):len(g.rdata)])
}

// makeRdata makes the members of an RRset whose owner and type are set.
func (g *Generator) makeRdata() {
	switch g.set.Type {
	case dns.TypeA, dns.TypeAAAA:
		g.makeAddresses()
	case dns.TypeNS:
		g.makeServers()
	case dns.TypeMX:
		g.makeMail()
	case dns.TypeTXT:
		g.makeTexts(1 + g.dice.pick(textSizes))
	case rrset.TypeNXDOMAIN:
	default:
		start := len(g.rdata)
		g.rdata = g.appendSingle(g.rdata)
		g.addRdata(start)
	}
}

// makeAddresses makes A or AAAA: neighbours of one provider, or a part of a pool.
func (g *Generator) makeAddresses() {
	d := &g.dice
	if g.name.rotating {
		g.makeRotation()
		return
	}
	base, size := addresses.rank(d), 1+d.pick(addressSizes)
	if g.set.Type == dns.TypeA && d.below(tailShare) == 0 {
		size = int(d.spread(tailLeast, tailDoublings))
	}
	for i := range uint64(size) {
		g.addAddress(base + i)
	}
}

// makeRotation makes a changing part of the pool of a name.
func (g *Generator) makeRotation() {
	var pool dice
	pool.roll(g.Seed, forPool, g.name.number)
	base, size := addresses.rank(&pool), uint64(16)<<pool.below(5)
	answered := uint64(pool.between(2, 8))
	at, step := g.dice.below(size), 1+2*g.dice.below(size/4)
	for i := range answered {
		g.addAddress(base + (at+i*step)%size)
	}
}

func (g *Generator) addAddress(number uint64) {
	start := len(g.rdata)
	g.rdata = appendAddress(g.rdata, g.set.Type, number)
	g.addRdata(start)
}

// address4 numbers public addresses: 64 in a row are in one network of 256.
func address4(number uint64) uint32 {
	network := uint32(number>>6) * odd32
	first := 20 + network>>25
	for _, special := range [...]uint32{100, 127} { // RFC 6598, RFC 1122
		if first >= special {
			first++
		}
	}
	return first<<24 | network&0x1fffe00>>1 | uint32(number&63)<<2 + 1
}

// odd32 spreads numbers over 32 bits.
const odd32 = 0x9e3779b1

// appendAddress appends the address of a number, for A or else AAAA.
func appendAddress(dst []byte, t uint16, number uint64) []byte {
	if t == dns.TypeA {
		return binary.BigEndian.AppendUint32(dst, address4(number))
	}
	network := uint32(number>>6) * odd32
	dst = append(dst, 0x2a, byte(network>>28), byte(network>>20), byte(network>>12), 0, 0, 0, byte(network>>8))
	return binary.BigEndian.AppendUint64(dst, number&63+1)
}

// makeServers makes NS: servers of a provider, or of the zone itself.
func (g *Generator) makeServers() {
	d := &g.dice
	provider, first, own := providers.rank(d), d.below(200), d.chance(20)
	for i := range uint64(1 + d.pick(serverSizes)) {
		start := len(g.rdata)
		g.rdata = appendNumbered(g.rdata, []byte("\x02ns"), first+i)
		g.rdata = g.appendAt(g.rdata, provider, own)
		g.addRdata(start)
	}
}

// makeMail makes MX.
func (g *Generator) makeMail() {
	d := &g.dice
	provider, first, own := providers.rank(d), d.below(100), d.chance(30)
	for i := range uint64(1 + d.pick(mailSizes)) {
		start := len(g.rdata)
		g.rdata = binary.BigEndian.AppendUint16(g.rdata, uint16(10*(i+1)))
		g.rdata = appendNumbered(g.rdata, []byte("\x02mx"), first+i)
		g.rdata = g.appendAt(g.rdata, provider, own)
		g.addRdata(start)
	}
}

// appendAt appends what ends a name: the owner, or else the domain of a provider.
func (g *Generator) appendAt(dst []byte, provider uint64, own bool) []byte {
	if own {
		return append(dst, g.set.Owner...)
	}
	return append(g.Names.appendDomain(dst, g.Seed, provider), 0)
}

// makeTexts makes TXT of so many members.
func (g *Generator) makeTexts(size int) {
	d := &g.dice
	for range size {
		start := len(g.rdata)
		switch d.pick([]uint64{300, 500, 100, 100}) {
		case 0:
			g.rdata = appendLabel(g.rdata, "v=spf1 ip4:198.18.0.0/15 include:_spf.")
			g.rdata = append(appendText(g.rdata, d, letters, d.between(4, 10)), ".example ~all"...)
			g.rdata[start] = byte(len(g.rdata) - start - 1)
		case 1:
			g.rdata = appendLabel(g.rdata, "site-verification=")
			g.rdata = appendText(g.rdata, d, base32, 43)
			g.rdata[start] += 43
		case 2: // a key, in two strings
			g.rdata = append(g.rdata, 255)
			g.rdata = append(appendText(g.rdata, d, base32, 255), 137)
			g.rdata = appendText(g.rdata, d, base32, 137)
		default:
			g.rdata = append(g.rdata, 32)
			g.rdata = appendText(g.rdata, d, hex, 32)
		}
		g.addRdata(start)
	}
}

// appendSingle appends the rdata of a type that has one member.
func (g *Generator) appendSingle(dst []byte) []byte {
	d := &g.dice
	provider := providers.rank(d)
	switch g.set.Type {
	case dns.TypeCNAME:
		if d.chance(50) {
			dst = appendText(append(dst, 14), d, base32, 14)
			return g.appendAt(dst, provider%200, false)
		}
		return g.appendAt(append(dst, g.Names.host(d)...), provider, false)
	case dns.TypePTR:
		dst = appendNumbered(dst, []byte("\x05host-"), d.below(1<<24))
		return g.appendAt(appendLabel(dst, "dyn"), provider, false)
	case dns.TypeSOA:
		dst = g.appendAt(appendLabel(dst, "ns1"), provider, false)
		dst = append(appendLabel(dst, "hostmaster"), g.set.Owner...)
		for _, n := range [...]uint32{uint32(2024010100 + d.below(1_000_000)), 7200, 3600, 1209600, 300} {
			dst = binary.BigEndian.AppendUint32(dst, n)
		}
		return dst
	case dns.TypeHTTPS: // alpn h3 and h2, and an address
		dst = append(dst, "\x00\x01\x00\x00\x01\x00\x06\x02h3\x02h2\x00\x04\x00\x04"...)
		return appendAddress(dst, dns.TypeA, addresses.rank(d))
	case dns.TypeSRV:
		dst = binary.BigEndian.AppendUint64(dst, uint64(10*d.between(1, 3))<<48|uint64(d.below(100))<<32|uint64(d.between(1024, 65535))<<16)
		return g.appendAt(appendLabel(dst[:len(dst)-2], "srv"), provider, false)
	case dns.TypeCAA:
		dst = appendLabel(append(dst, 0), "issue")
		return append(appendText(dst, d, letters, 8), ".example"...)
	}
	// NODATA: the type that was asked for.
	return binary.BigEndian.AppendUint16(dst, [...]uint16{dns.TypeAAAA, dns.TypeAAAA, dns.TypeHTTPS, dns.TypeMX}[d.below(4)])
}
