package workload

import "github.com/miekg/dns"

// ttls are TTLs in seconds, and how many RRsets in a thousand have them.
type ttls struct {
	seconds []uint32
	weights []uint64
}

var (
	commonTTLs = ttls{
		[]uint32{300, 60, 3600, 600, 86400, 1800, 14400, 7200, 30, 120, 900, 20, 10800, 5, 1799, 1},
		[]uint64{380, 180, 125, 92, 40, 35, 28, 22, 20, 20, 18, 14, 10, 6, 6, 4},
	}
	serverTTLs   = ttls{[]uint32{172800, 86400, 3600, 21600, 300}, []uint64{400, 300, 180, 90, 30}}
	rotatingTTLs = ttls{[]uint32{20, 60, 30, 300, 5}, []uint64{400, 300, 150, 100, 50}}
)

// makeTTL makes the TTL of an RRset.
func (g *Generator) makeTTL() {
	common := &commonTTLs
	switch {
	case g.name.rotating:
		common = &rotatingTTLs
	case g.set.Type == dns.TypeNS:
		common = &serverTTLs
	}
	g.set.TTLMin = common.seconds[g.dice.pick(common.weights)]
}
