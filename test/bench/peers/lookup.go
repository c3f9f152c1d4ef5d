package main

import (
	"errors"
	"os"
	"slices"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
	"example.org/pdns/test/bench/peers/peer"
	"example.org/pdns/test/bench/workload"
)

const (
	lookups = 2000 // of a kind
	page    = 100  // results that a look-up reads at most
)

// A sample is what a peer is asked for: prefixes of keys.
type sample struct{ owners, addresses [][]byte }

// sample takes its subjects from all of the observations alike.
func (t *task) sample(observations int) sample {
	var s sample
	step := max(1, observations/lookups)
	g := workload.NewGenerator(t.config)
	for i := range observations {
		r := g.Next()
		if i%step != 0 {
			continue
		}
		s.owners = append(s.owners, rrset.AppendReversed(nil, r.Owner))
		if r.Type == dns.TypeA || r.Type == dns.TypeAAAA {
			class := byte(record.ClassIPv4)
			if r.Type == dns.TypeAAAA {
				class = record.ClassIPv6
			}
			s.addresses = append(s.addresses, append([]byte{class}, r.Rdata[0]...))
		}
	}
	return s
}

// latency asks for each subject twice, and measures the second time.
func latency(ask func(prefix []byte, limit int, yield peer.Yield) error, subjects [][]byte) (p50, p99 int64, err error) {
	var took []time.Duration
	var d record.Decoder
	for round := range 2 {
		for _, s := range subjects {
			start := time.Now()
			n := 0
			err := ask(s, page, func(key []byte, _ rrset.Figures) error {
				n++
				_, err := d.Decode(key)
				return err
			})
			if err == nil && n == 0 {
				err = errors.New("nothing found of what was put")
			}
			if err != nil {
				return 0, 0, err
			}
			if round > 0 {
				took = append(took, time.Since(start))
			}
		}
	}
	if len(took) == 0 {
		return 0, 0, nil
	}
	slices.Sort(took)
	return int64(took[len(took)/2]), int64(took[len(took)*99/100]), nil
}

// peakRSS is the peak of this process, and of the server's where there is one.
func peakRSS(p peer.Peer) (int64, error) {
	own, err := peer.PeakMemory(os.Getpid())
	if s, ok := p.(interface{ Memory() (int64, error) }); ok {
		theirs, serr := s.Memory()
		return own + theirs, errors.Join(err, serr)
	}
	return own, err
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
