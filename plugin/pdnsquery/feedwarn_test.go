package pdnsquery_test

import (
	"bytes"
	"io"
	"log"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/store/novelty"
	"example.org/pdns/test/lab"
)

// A journal is what was logged.
type journal struct {
	sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.Lock()
	defer j.Unlock()
	return j.text.Write(p)
}

func (j *journal) count(part string) int {
	j.Lock()
	defer j.Unlock()
	return strings.Count(j.text.String(), part)
}

// TestNotifyWarned: of each feed that a secondary will not be told of there is one
// warning, however often that is so.
func TestNotifyWarned(t *testing.T) {
	n := newNewsroom(t)
	n.logs(0, novelty.Domain, "a.example")
	n.logs(1, novelty.Host, "www.a.example")
	a := newSecondary(t, dns.RcodeNotAuth)
	close(a.free)
	var told journal
	log.SetOutput(&told)
	defer log.SetOutput(io.Discard)
	zones := []string{hourOfDomains, hourOfHosts}
	before := map[string]float64{}
	for _, zone := range zones {
		before[zone] = metric(t, "feed_notifies_total", zone, "failed")
	}
	n.start("feed nod 1h\nfeed noh 1h", "transfer {\n to "+a.addr+"\n}")
	for i := range 3 {
		for _, zone := range zones {
			lab.Wait(t, "a round that failed", func() bool {
				return metric(t, "feed_notifies_total", zone, "failed") > before[zone]+float64(i)
			})
			lab.Wait(t, "a warning of "+zone, func() bool { return told.count("feed: "+zone+": ") == 1 })
		}
		n.logs(int64(10+2*i), novelty.Domain, "b.example")
		n.logs(int64(11+2*i), novelty.Host, "www.b.example")
	}
}
