package workload

import (
	"strconv"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// A shape is how names used once look below a tracker, and what is answered.
type shape struct {
	append  func(g *Generator, dst []byte) []byte
	types   []uint16
	weights []uint64
	listed  bool // addresses are verdicts, 127.0.0.0/24
}

var shapes = [...]shape{
	{appendHash, []uint16{dns.TypeA, rrset.TypeNXDOMAIN, dns.TypeTXT}, []uint64{750, 150, 100}, true},
	{appendBase32, []uint16{dns.TypeA, dns.TypeTXT, dns.TypeCNAME, rrset.TypeNXDOMAIN}, []uint64{500, 200, 200, 100}, false},
	{appendUUID, []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeCNAME, dns.TypeHTTPS, rrset.TypeNODATA}, []uint64{550, 150, 200, 50, 50}, false},
	{appendListed, []uint16{dns.TypeA, rrset.TypeNXDOMAIN, dns.TypeTXT}, []uint64{600, 250, 150}, true},
	{appendLetters, []uint16{dns.TypeA, dns.TypeAAAA, rrset.TypeNXDOMAIN}, []uint64{600, 200, 200}, false},
	{appendIDs, []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeCNAME}, []uint64{600, 250, 150}, false},
}

// makeDisposable makes an RRset of a name that is used once.
func (g *Generator) makeDisposable() {
	d, s := &g.dice, &g.set
	tracker := trackers.rank(d)
	shape := &shapes[tracker%uint64(len(shapes))]
	s.Type = shape.types[d.pick(shape.weights)]
	g.name = lasting{}
	g.owner = shape.append(g, g.owner[:0])
	labels := rrset.CountLabels(append(g.owner, 0))
	g.owner = append(g.Names.appendDomain(g.owner, g.Seed, tracker*7), 0)
	g.setOwner(rrset.CountLabels(g.owner)-labels, tracker*31%100)
	switch {
	case s.Type == dns.TypeA && shape.listed:
		start := len(g.rdata)
		g.rdata = append(g.rdata, 127, 0, 0, byte(d.between(2, 11)))
		g.addRdata(start)
	case s.Type == dns.TypeA || s.Type == dns.TypeAAAA:
		g.addAddress(tracker*64 + d.below(16))
	case s.Type == dns.TypeTXT:
		g.makeTexts(1)
	default:
		g.makeRdata()
	}
	s.TTLMin = [...]uint32{0, 1, 5, 30, 60, 60, 300, 300}[d.below(8)]
}

// Alphabets of 32: one for each five bits.
const (
	hex     = "0123456789abcdef0123456789abcdef"
	base32  = "abcdefghijklmnopqrstuvwxyz234567"
	letters = "abcdefghijklmnopqrstuvwxyzetaoin"
)

// appendText appends n letters of an alphabet.
func appendText(dst []byte, d *dice, alphabet string, n int) []byte {
	var bits uint64
	for i := range n {
		if i%12 == 0 {
			bits = d.Uint64()
		}
		dst = append(dst, alphabet[bits&31])
		bits >>= 5
	}
	return dst
}

// appendHash is a digest whose verdict is asked for.
func appendHash(g *Generator, dst []byte) []byte {
	size := [...]int{32, 32, 40, 56}[g.dice.below(4)]
	return appendText(append(dst, byte(size)), &g.dice, hex, size)
}

// appendBase32 is data that leaves by DNS.
func appendBase32(g *Generator, dst []byte) []byte {
	for range g.dice.between(1, 2) {
		size := g.dice.between(16, 40)
		dst = appendText(append(dst, byte(size)), &g.dice, base32, size)
	}
	return dst
}

func appendUUID(g *Generator, dst []byte) []byte {
	dst = append(dst, 36)
	for i, size := range [...]int{8, 4, 4, 4, 12} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = appendText(dst, &g.dice, hex, size)
	}
	return dst
}

// appendListed is an address at a block list.
func appendListed(g *Generator, dst []byte) []byte {
	return appendOctets(dst, uint32(g.dice.Uint64()))
}

// appendOctets appends the octets of an address as labels, the last first.
func appendOctets(dst []byte, address uint32) []byte {
	for range 4 {
		at := len(dst)
		dst = strconv.AppendUint(append(dst, 0), uint64(address&0xff), 10)
		dst[at] = byte(len(dst) - at - 1)
		address >>= 8
	}
	return dst
}

// appendReverse appends the name of an address in in-addr.arpa.
func appendReverse(dst []byte, address uint32) []byte {
	dst = appendOctets(dst, address)
	return append(dst, "\x07in-addr\x04arpa\x00"...)
}

// appendLetters is a name that a program has thrown dice for.
func appendLetters(g *Generator, dst []byte) []byte {
	size := g.dice.between(9, 20)
	return appendText(append(dst, byte(size)), &g.dice, letters, size)
}

// appendIDs is what content networks and telemetry ask for.
func appendIDs(g *Generator, dst []byte) []byte {
	at, d := len(dst), &g.dice
	dst = appendText(append(dst, 0, 'p', byte('0'+d.below(10)), '-'), d, base32, 13)
	dst = strconv.AppendUint(append(dst, '-'), d.below(1_000_000), 10)
	dst = append(appendText(append(dst, '-'), d, hex, 8), "-v6exp3"...)
	dst[at] = byte(len(dst) - at - 1)
	return appendNumbered(dst, []byte("\x07metric-"), d.below(20))
}
