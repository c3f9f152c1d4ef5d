package workload

import (
	"strconv"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// observationsPerName is how many observations a day there are for each name that
// lasts, in mode Observations. A small day has the fewest names all the same.
const (
	observationsPerName = 3100
	fewestNames         = 64
)

// disposableShare is the probability that an observation is of a name used once. In
// mode Observations it is what makes such names three in five of a day's RRsets.
var disposableShare = map[Mode]float64{New: 0.6, Observations: 1.0 / 315}

// A lasting is a name that lasts.
type lasting struct {
	number   uint64 // its identity
	domains  uint64 // its domain is one of the first so many; 0: any, by newDomains
	rotating bool   // a content network answers for it with parts of a pool
}

// lastingTypes are the types of RRsets at names that last, in a thousand.
var lastingTypes = struct {
	types   []uint16
	weights []uint64
}{
	[]uint16{
		dns.TypeA, dns.TypeAAAA, dns.TypeCNAME, dns.TypeNS, dns.TypePTR, dns.TypeTXT, dns.TypeMX,
		dns.TypeSOA, dns.TypeHTTPS, rrset.TypeNXDOMAIN, rrset.TypeNODATA, dns.TypeSRV, dns.TypeCAA,
	},
	[]uint64{360, 120, 130, 130, 90, 45, 45, 40, 20, 8, 5, 4, 3},
}

// makeLasting makes an RRset of a name that lasts.
func (g *Generator) makeLasting(n uint64) {
	if g.Mode == New {
		g.newcomer(n)
	} else {
		g.known(n)
	}
	t := lastingTypes.types[g.dice.pick(lastingTypes.weights)]
	if g.name.rotating {
		t = dns.TypeA
		if g.dice.chance(40) {
			t = dns.TypeAAAA
		}
	}
	g.set.Type = t
	g.makeOwner()
	g.makeRdata()
	g.makeTTL()
}

// newcomer picks the owner of an RRset that nobody has seen. Eight observations in
// a row share it, or 64 if a content network answers.
func (g *Generator) newcomer(n uint64) {
	g.dice.roll(g.Seed, forGroup, n>>6)
	if g.name = (lasting{number: n >> 3 << 1}); g.dice.chance(15) {
		g.name.number, g.name.rotating = n>>6<<1|1, true
	}
	g.dice.roll(g.Seed, forRRset, n)
}

// known picks the owner and the RRset of an observation by their popularity. Both
// live for some days, and others come after them.
func (g *Generator) known(n uint64) {
	d := &g.dice
	rank := g.people.rank(d)
	slot := uint64(d.pick([]uint64{600, 220, 120, 60}))
	turn := d.Uint64()
	d.roll(g.Seed, forGroup, rank)
	day := n / g.PerDay
	known := uint64(g.Names.domains.len()) + g.people.ranks/4
	g.name = lasting{number: rank | d.generation(day, 5)<<40, domains: min(rank+1, known), rotating: d.chance(12)}
	d.roll(g.Seed, forGroup|(slot+1)<<8, rank)
	what := forRRset | slot<<8 | d.generation(day, 2)<<16
	if g.name.rotating {
		what |= turn % (2 << d.below(4)) << 40
	}
	d.roll(g.Seed, what, g.name.number)
}

// generation is how many of its kind were there before, on a day: one may live for
// the shortest time, in days, or for a thousand times as long.
func (d *dice) generation(day uint64, shortest float64) uint64 {
	return uint64(float64(day)/d.spread(shortest, 10) + d.unit())
}

// makeOwner makes the owner and the bailiwick of an RRset, whose type is set.
func (g *Generator) makeOwner() {
	s, d := &g.set, &g.nameDice
	d.roll(g.Seed, forName, g.name.number)
	domain := g.domain(d)
	zoned := d.below(100)
	o := g.owner[:0]
	switch s.Type {
	case dns.TypeNS, dns.TypeSOA, dns.TypeMX, dns.TypeCAA:
	case dns.TypeTXT:
		if d.chance(30) {
			o = appendLabel(o, "_dmarc")
		}
	case dns.TypeSRV:
		o = appendLabel(appendLabel(o, services[d.below(uint64(len(services)))]), "_tcp")
	case dns.TypePTR:
		g.owner = appendReverse(o, address4(d.below(1<<30)))
		g.setOwner(rrset.CountLabels(g.owner)-1, zoned)
		return
	default:
		o = g.appendHostLabels(o, d)
	}
	labels := rrset.CountLabels(append(o, 0))
	g.owner = append(g.Names.appendDomain(o, g.Seed, domain), 0)
	if s.Type == dns.TypeNS && g.dice.chance(35) {
		labels++ // as the zone above delegates it
	}
	g.setOwner(rrset.CountLabels(g.owner)-labels, zoned)
}

// domain is the rank of a name's domain. Where names are drawn by popularity, so are
// domains: those of popular names are popular.
func (g *Generator) domain(d *dice) uint64 {
	if g.name.domains == 0 {
		return newDomains.rank(d)
	}
	return d.below(g.name.domains)
}

var services = []string{"_sip", "_xmpp-client", "_autodiscover", "_imaps", "_ldap", "_caldavs"}

// setOwner sets the owner and, for most, the bailiwick, which has so many labels;
// chance is below 100.
func (g *Generator) setOwner(labels int, chance uint64) {
	s := &g.set
	s.Owner = g.owner
	switch {
	case chance < 70:
		s.Bailiwick = rrset.Suffix(s.Owner, labels)
		s.Marks |= rrset.BailiwickKnown
	case chance < 85:
		s.Bailiwick = rrset.Suffix(s.Owner, labels)
	}
}

// appendHostLabels appends what a name has below its domain; for some, nothing.
func (g *Generator) appendHostLabels(o []byte, d *dice) []byte {
	switch d.pick([]uint64{100, 400, 200, 150, 100, 50}) {
	case 0:
		return o
	case 1:
		return append(o, g.Names.host(d)...)
	case 2:
		return appendNumbered(o, firstLabel(g.Names.host(d)), d.below(100))
	case 3:
		return append(append(o, g.Names.host(d)...), g.Names.host(d)...)
	case 4:
		return appendNumbered(append(o, g.Names.host(d)...), firstLabel(g.Names.host(d)), d.below(1000))
	}
	o = appendNumbered(o, []byte("\x04node"), d.below(10000))
	return appendNumbered(o, []byte("\x06region"), d.below(30))
}

func appendLabel(dst []byte, label string) []byte {
	return append(append(dst, byte(len(label))), label...)
}

// appendNumbered appends a label and a number in one.
func appendNumbered(dst, label []byte, number uint64) []byte {
	at := len(dst)
	dst = append(dst, label[:min(len(label), 60)]...)
	dst = strconv.AppendUint(dst, number, 10)
	dst[at] = byte(len(dst) - at - 1)
	return dst
}
