package pdnsquery_test

import (
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pdnsquery"
	"example.org/pdns/plugin/pkg/store/novelty"
	"example.org/pdns/test/lab"
)

// A secondary takes NOTIFY.
type secondary struct {
	addr string
	told chan string   // the zones
	free chan struct{} // closed: it answers
}

func newSecondary(t *testing.T, rcode int) *secondary {
	t.Helper()
	packets, streams := lab.Listen(t, "127.0.0.1")
	streams.Close()
	s := &secondary{packets.LocalAddr().String(), make(chan string, 1000), make(chan struct{})}
	lab.Serve(t, &dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, m *dns.Msg) {
		if m.Opcode == dns.OpcodeNotify && m.Question[0].Qtype == dns.TypeSOA {
			s.told <- m.Question[0].Name
		}
		<-s.free
		_ = w.WriteMsg(new(dns.Msg).SetRcode(m, rcode)) // who has gone needs none
	})})
	return s
}

// wantTold waits until it is told of each zone, and nothing else before.
func (s *secondary) wantTold(t *testing.T, zones ...string) {
	t.Helper()
	left := map[string]bool{}
	for _, z := range zones {
		left[z] = true
	}
	for len(left) > 0 {
		select {
		case zone := <-s.told:
			if !left[zone] {
				t.Fatalf("told of %s, want %v", zone, left)
			}
			delete(left, zone)
		case <-time.After(20 * time.Second):
			t.Fatalf("not told of %v", left)
		}
	}
}

const (
	hourOfDomains  = "1h._nod._pdns.local."
	hourOfHosts    = "1h._noh._pdns.local."
	hourOfReturned = "1h._nad._pdns.local."
)

// TestNotify: secondaries are told of a feed at the start and when it has changed, and
// of no other.
func TestNotify(t *testing.T) {
	n := newNewsroom(t)
	n.logs(-5000, novelty.Again, "gone.example") // before it, there may have been others
	a, b := newSecondary(t, dns.RcodeSuccess), newSecondary(t, dns.RcodeSuccess)
	close(a.free)
	close(b.free)
	s := n.start("feed nod 1h\nfeed noh 1h", "transfer "+hourOfHosts+" {\n to * "+a.addr+" "+b.addr+"\n}",
		"transfer "+hourOfDomains+" {\n to "+b.addr+"\n}")
	a.wantTold(t, hourOfHosts)
	b.wantTold(t, hourOfHosts, hourOfDomains)
	n.logs(10, novelty.Domain, "new.example")
	s.reaches(hourOfDomains, 10)
	b.wantTold(t, hourOfDomains)
	n.logs(20, novelty.Host, "www.new.example")
	a.wantTold(t, hourOfHosts)
	b.wantTold(t, hourOfHosts)
}

// TestNotifyRefused: a secondary that will not be told is no reason to try for ever.
func TestNotifyRefused(t *testing.T) {
	n := newNewsroom(t)
	a := newSecondary(t, dns.RcodeRefused)
	close(a.free)
	before := metric(t, "feed_notifies_total", hourOfReturned, "failed")
	n.start("feed nad 1h", "transfer "+hourOfReturned+" {\n to "+a.addr+"\n}")
	for range 3 { // as often as the plugin tries
		a.wantTold(t, hourOfReturned)
	}
	lab.Wait(t, "a round that failed", func() bool { return metric(t, "feed_notifies_total", hourOfReturned, "failed") > before })
	n.logs(10, novelty.Again, "back.example")
	for range 3 {
		a.wantTold(t, hourOfReturned)
	}
}

// TestNotifyUnanswered: while a secondary says nothing, the feed goes on, and what
// changes meanwhile is told once.
func TestNotifyUnanswered(t *testing.T) {
	n := newNewsroom(t)
	a := newSecondary(t, dns.RcodeSuccess)
	s := n.start("feed nod 1h", "transfer "+hourOfDomains+" {\n to "+a.addr+"\n}")
	a.wantTold(t, hourOfDomains)
	for i := range int64(3) {
		n.logs(10+i, novelty.Domain, "new.example")
		s.reaches(hourOfDomains, 10+i)
	}
	close(a.free)
	a.wantTold(t, hourOfDomains)
}

// TestNotifyPace: rounds about one feed keep their distance.
func TestNotifyPace(t *testing.T) {
	n := newNewsroom(t)
	pdnsquery.SetFeedPace(t, 5*time.Millisecond, time.Hour)
	a := newSecondary(t, dns.RcodeSuccess)
	close(a.free)
	s := n.start("feed nod 1h\nfeed noh 1h", "transfer "+hourOfDomains+" {\n to "+a.addr+"\n}")
	a.wantTold(t, hourOfDomains)
	for i := range int64(20) {
		n.logs(10+i, novelty.Domain, "new.example")
		s.reaches(hourOfDomains, 10+i)
	}
	if len(a.told) > 0 {
		t.Error("told once more")
	}
}

// TestFeedMetrics: what feeds hold, and what they do not.
func TestFeedMetrics(t *testing.T) {
	n := newNewsroom(t)
	before := metric(t, "feed_left_out_total", "", "reserved")
	n.logs(1, novelty.Domain, "a.example", "b.example", `\*.example`)
	n.logs(2, novelty.Again, "c.example")
	n.start("feed").reaches(hourOfReturned, 2)
	for zone, want := range map[string]float64{hourOfDomains: 2, hourOfReturned: 1, hourOfHosts: 0} {
		if got := metric(t, "feed_entries", zone, ""); got != want {
			t.Errorf("%s holds %v, want %v", zone, got, want)
		}
	}
	if got := metric(t, "feed_serial", hourOfReturned, ""); got != float64(now.Unix()+2) {
		t.Errorf("serial %v", got)
	}
	if got := metric(t, "feed_left_out_total", "", "reserved"); got != before+1 {
		t.Errorf("%v names left out, before %v", got, before)
	}
}

// TestFeedReload: a reload has the feeds of the new Corefile, and one without them ends
// them.
func TestFeedReload(t *testing.T) {
	const zone = "1h._nod.zone0.example."
	n := newNewsroom(t)
	n.logs(1, novelty.Domain, "a.example")
	a := newSecondary(t, dns.RcodeSuccess)
	close(a.free)
	block := func(feed string) string {
		return "pdnsquery " + n.dir + " {\n" + feed + "\n}\ntransfer {\nto " + a.addr + "\n}"
	}
	s := &site{t: t}
	t.Cleanup(s.stop)
	for i, feed := range []string{"feed nod 1h", "feed nod", "feed nod 1h"} {
		if err := s.load(block(feed)); err != nil {
			t.Fatal(err)
		}
		n.logs(int64(10+i), novelty.Domain, "b.example")
		lab.Wait(t, "the feed", func() bool { return metric(t, "feed_serial", zone, "") == float64(now.Unix()+int64(10+i)) })
		lab.Wait(t, "NOTIFY", func() bool { return len(a.told) > 0 && <-a.told == zone })
	}
	if got := metric(t, "feed_entries", "5m._nod.zone0.example.", ""); got != 0 {
		t.Errorf("a feed that is not served any more holds %v", got)
	}
	if err := s.load(block("ttl 5")); err != nil {
		t.Fatal(err)
	}
	if got := metric(t, "feed_serial", zone, ""); got != 0 {
		t.Errorf("serial %v without feeds", got)
	}
}
