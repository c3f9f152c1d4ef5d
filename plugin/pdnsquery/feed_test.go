package pdnsquery_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coredns/caddy"
	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"

	"example.org/pdns/plugin/pdnsquery"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
	"example.org/pdns/test/lab"
)

// A newsroom is a store whose log of what is new a test writes.
type newsroom struct {
	t   *testing.T
	dir string
	log *novelty.Log
}

func newNewsroom(t *testing.T) *newsroom {
	pdnsquery.SetFeedPace(t, 5*time.Millisecond, 0)
	dir := history(t)
	return &newsroom{t, dir, novelty.NewLog(dir)}
}

// logs writes a batch so many seconds after now.
func (n *newsroom) logs(after int64, kind novelty.Kind, names ...string) {
	n.t.Helper()
	at := now.Unix() + after
	b := n.log.Begin(time.Unix(at, 0))
	for _, name := range names {
		b.Add(&novelty.Event{Kind: kind, Name: rrset.MustName(name), Rdata: 1, Set: rrset.RRset{
			Owner: rrset.MustName(name), Type: 1, Rdata: [][]byte{{192, 0, 2, 1}},
			Figures: rrset.Figures{First: at, Last: at, Count: 1},
		}})
	}
	if _, err := b.Commit(); err != nil {
		n.t.Fatal(err)
	}
}

// start starts the query zone with feeds, and transfers to loopback.
func (n *newsroom) start(feed string, more ...string) *server {
	n.t.Helper()
	return start(n.t, "_pdns.local:0 {\n pdnsquery "+n.dir+" {\n "+feed+"\n}\n transfer {\n to 127.0.0.1\n}\n"+strings.Join(more, "\n")+"\n}")
}

// reaches waits until a feed has a serial so many seconds after now.
func (s *server) reaches(zone string, after int64) {
	s.t.Helper()
	lab.Wait(s.t, fmt.Sprintf("serial %d of %s", after, zone), func() bool {
		r := s.ask("udp", zone, dns.TypeSOA)
		return r.Rcode == dns.RcodeSuccess && len(r.Answer) == 1 && serialOf(r.Answer[0]) == after
	})
}

// serialOf is the serial of a SOA, in seconds after now.
func serialOf(rr dns.RR) int64 { return int64(rr.(*dns.SOA).Serial) - now.Unix() }

func TestFeedSetup(t *testing.T) {
	dir, snapshot := history(t), filepath.Join(t.TempDir(), "snapshot")
	src, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if err := store.Snapshot(t.Context(), src, snapshot, store.SnapshotOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ path, feed, want string }{
		{dir, "feed", ""},
		{dir, "feed nod\nfeed nad 1h 24h\nfeed noh 5m", ""},
		{dir, "feed new", `Corefile:3 - Error during parsing: feed: feed "new": want nod, noh or nad`},
		{dir, "feed nod 2h", `Corefile:3 - Error during parsing: feed: age "2h": want 5m, 10m, 30m, 1h, 3h, 12h or 24h`},
		{dir, "feed nod 1h 1h", "feed: nod 1h: given twice"},
		{dir, "feed\nfeed nod", "Corefile:4 - Error during parsing: feed: nod 5m: given twice"},
		{snapshot, "feed", "Corefile:3 - feed: " + snapshot + " is a snapshot: want the directory of a store"},
	} {
		corefile := "_pdns.local:0 {\npdnsquery " + test.path + " {\n" + test.feed + "\n}\n}"
		i, err := caddy.Start(caddy.CaddyfileInput{Contents: []byte(corefile), Filepath: "Corefile", ServerTypeName: "dns"})
		if err == nil {
			i.ShutdownCallbacks()
			if err := i.Stop(); err != nil {
				t.Error(err)
			}
		}
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s:\ngot %v\nwant %s", test.feed, err, test.want)
		}
	}
}

// TestFeedAnswers: a feed answers as the response policy zone that it is.
func TestFeedAnswers(t *testing.T) {
	n := newNewsroom(t)
	n.logs(-400, novelty.Domain, "old.example", "Odd\\.dot.example")
	n.logs(-200, novelty.Domain, "new.example")
	n.logs(-100, novelty.Host, "www.host.example")
	n.logs(-50, novelty.Again, "back.example")
	s := n.start("feed nod\nfeed noh 1h\nfeed nad 5m")
	s.reaches("1h._nod._pdns.local", -200)
	s.reaches("5m._nod._pdns.local", -100)
	const soa1h = "1h._nod._pdns.local. SOA localhost. nobody.invalid. 1567339000 60 60 3600 60"
	for _, test := range []struct {
		name  string
		qtype uint16
		want  string
	}{
		{"1h._nod", dns.TypeSOA, soa1h},
		{"1h._nod", dns.TypeANY, soa1h},
		{"1h._nod", dns.TypeNS, "1h._nod._pdns.local. NS localhost."},
		{"1h._nod", dns.TypeTXT, "NODATA"},
		{"new.example.1h._nod", dns.TypeA, "new.example.1h._nod._pdns.local. CNAME ."},
		{"a.b.NEW.example.1h._nod", dns.TypeTXT, "a.b.NEW.example.1h._nod._pdns.local. CNAME ."},
		{"*.new.example.1h._nod", dns.TypeCNAME, "*.new.example.1h._nod._pdns.local. CNAME ."},
		{`odd\.dot.example.1h._nod`, dns.TypeA, `odd\.dot.example.1h._nod._pdns.local. CNAME .`},
		{"old.example.1h._nod", dns.TypeA, "old.example.1h._nod._pdns.local. CNAME ."},
		{"old.example.5m._nod", dns.TypeA, "NXDOMAIN"},
		{"other.example.1h._nod", dns.TypeA, "NXDOMAIN"},
		{"www.host.example.1h._nod", dns.TypeA, "NXDOMAIN"},
		{"EXAMPLE.1h._nod", dns.TypeA, "NODATA"},
		{"dot.example.1h._nod", dns.TypeA, "NXDOMAIN"},
		{"host.example.1h._noh", dns.TypeCNAME, "NODATA"},
		{"www.host.example.1h._noh", dns.TypeA, "www.host.example.1h._noh._pdns.local. CNAME ."},
		{"a.www.host.example.1h._noh", dns.TypeA, "NXDOMAIN"},
		{"back.example.5m._nad", dns.TypeA, "back.example.5m._nad._pdns.local. CNAME ."},
		{"_nod", dns.TypeSOA, "NODATA\nEDE 0: a feed has an age before its kind: 5m._nod"},
		{"2h._nod", dns.TypeSOA, `NXDOMAIN
EDE 0: age "2h": want 5m, 10m, 30m, 1h, 3h, 12h or 24h`},
		{"5m._noh", dns.TypeSOA, "NXDOMAIN\nEDE 0: this feed is not served here"},
		{"new.example.1h._nod", dns.TypeAXFR, "REFUSED\nEDE 0: no zone begins here: want 1h._nod._pdns.local."},
		{"2h._nod", dns.TypeAXFR, `REFUSED
EDE 0: age "2h": want 5m, 10m, 30m, 1h, 3h, 12h or 24h`},
	} {
		r := s.ask("tcp", test.name+"._pdns.local", test.qtype)
		if got := show(r); got != test.want {
			t.Errorf("%s %s: got\n%s\nwant\n%s", test.name, dns.Type(test.qtype), got, test.want)
		}
		if r.Rcode == dns.RcodeNameError && len(extended(r)) == 0 && (len(r.Ns) != 1 || !strings.HasSuffix(test.name, strings.TrimSuffix(r.Ns[0].Header().Name, "._pdns.local."))) {
			t.Errorf("%s: authority %v", test.name, r.Ns)
		}
	}
	if r := s.ask("udp", "new.example.1h._nod._pdns.local", dns.TypeA); !r.Authoritative || r.Answer[0].Header().Ttl != 60 {
		t.Errorf("got %v", r)
	}
}

// TestFeedOff: without the directive these are no names of feeds.
func TestFeedOff(t *testing.T) {
	n := newNewsroom(t)
	n.logs(-10, novelty.Domain, "new.example")
	s := n.start("ttl 5")
	if got := show(s.ask("tcp", "new.example.1h._nod._pdns.local", dns.TypeTXT)); !strings.HasPrefix(got, "NXDOMAIN\nEDE 0: ") {
		t.Errorf("got %s", got)
	}
	if r := s.ask("tcp", "1h._nod._pdns.local", dns.TypeAXFR); r.Rcode != dns.RcodeRefused {
		t.Errorf("got %v", r)
	}
}

// records are those of a transfer of a feed.
func (s *server) records(m *dns.Msg) []dns.RR {
	s.t.Helper()
	in, err := (&dns.Transfer{ReadTimeout: 10 * time.Second}).In(m, s.tcp)
	if err != nil {
		s.t.Fatal(err)
	}
	var rrs []dns.RR
	for e := range in {
		if e.Error != nil {
			s.t.Fatal(e.Error)
		}
		rrs = append(rrs, e.RR...)
	}
	return rrs
}

// whole is a feed by AXFR, without the SOA around it, and its serial.
func (s *server) whole(zone string) (map[string]bool, uint32) {
	s.t.Helper()
	rrs := s.records(new(dns.Msg).SetAxfr(zone))
	held := map[string]bool{}
	for _, rr := range rrs[1 : len(rrs)-1] {
		if held[rr.String()] {
			s.t.Errorf("twice: %v", rr)
		}
		held[rr.String()] = true
	}
	return held, rrs[0].(*dns.SOA).Serial
}

// changed applies an IXFR to what a client holds, as RFC 1995 has it.
func (s *server) changed(zone string, held map[string]bool, serial uint32) (map[string]bool, uint32) {
	s.t.Helper()
	rrs := s.records(new(dns.Msg).SetIxfr(zone, serial, "localhost.", "nobody.invalid."))
	newest := rrs[0].(*dns.SOA)
	old, incremental := rrs[1].(*dns.SOA)
	if !incremental || old.Serial != serial || rrs[len(rrs)-1].String() != newest.String() {
		s.t.Fatalf("no difference from %d: %v", serial, rrs)
	}
	held = maps.Clone(held)
	adding := false
	for _, rr := range rrs[2 : len(rrs)-1] {
		switch text := rr.String(); {
		case rr.Header().Rrtype == dns.TypeSOA && !adding && text == newest.String():
			adding = true
		case held[text] == adding, rr.Header().Rrtype == dns.TypeSOA:
			s.t.Fatalf("%v does not fit", rr)
		case adding:
			held[text] = true
		default:
			delete(held, text)
		}
	}
	return held, newest.Serial
}

// TestFeedTransfers: a client that follows a feed by differences holds what one has that
// transfers all of it, on TCP in as many messages as it takes.
func TestFeedTransfers(t *testing.T) {
	const zone, many = "5m._nod._pdns.local.", 3000
	n := newNewsroom(t)
	s := n.start("feed")
	lab.Wait(t, "an empty feed", func() bool { return s.ask("udp", zone, dns.TypeSOA).Rcode == dns.RcodeSuccess })
	held, serial := s.whole(zone)
	if len(held) != 1 || serial != 1 {
		t.Fatalf("at first, serial %d: %v", serial, held)
	}
	var names []string
	for i := range many {
		names = append(names, fmt.Sprintf("n%d.example", i))
	}
	step := func(after int64, names ...string) {
		t.Helper()
		n.logs(after, novelty.Domain, names...)
		s.reaches(zone, after)
		changed, to := s.changed(zone, held, serial)
		all, last := s.whole(zone)
		if !maps.Equal(changed, all) || to != last {
			t.Fatalf("serial %d: %d records by differences, serial %d: %d", to, len(changed), last, len(all))
		}
		held, serial = changed, to
	}
	step(10, "a.example", "b.example")
	step(20, names...)
	if len(held) != 1+2*(2+many) {
		t.Errorf("%d records", len(held))
	}
	step(315, "c.example")
	step(330, "d.example")
	if want := []string{
		"*.c.example." + zone, "*.d.example." + zone, zone, "c.example." + zone, "d.example." + zone,
	}; !slices.Equal(namesOf(held), want) {
		t.Errorf("held %v", namesOf(held))
	}

	up := s.records(new(dns.Msg).SetIxfr(zone, serial, "localhost.", "nobody.invalid."))
	if len(up) != 1 || serialOf(up[0]) != 330 {
		t.Errorf("up to date: %v", up)
	}
	m := new(dns.Msg).SetIxfr(zone, serial-5, "localhost.", "nobody.invalid.")
	if r, err := lab.Exchange("udp", s.udp, "", m); err != nil || len(r.Answer) != 1 || serialOf(r.Answer[0]) != 330 {
		t.Errorf("over UDP: %v, %v", r, err)
	}
	if r := s.ask("udp", zone, dns.TypeAXFR); r.Rcode != dns.RcodeRefused {
		t.Errorf("AXFR over UDP: %v", r)
	}
	// Who comes from before the log gets all of it: another server cannot know.
	other := n.start("feed nod 5m")
	other.reaches(zone, 330)
	all := other.records(new(dns.Msg).SetIxfr(zone, 1, "localhost.", "nobody.invalid."))
	if len(all) != 2+len(held) {
		t.Errorf("a feed of %d records, want %d", len(all), 2+len(held))
	}
	for form, least := range map[string]float64{"axfr": 5, "ixfr": 4, "uptodate": 1} {
		if got := metric(t, "feed_transfers_total", zone, form); got < least {
			t.Errorf("%v transfers are %s, want %v or more", got, form, least)
		}
	}
}

// TestFeedSuffix: no wildcard stands for all of a public suffix.
func TestFeedSuffix(t *testing.T) {
	const zone = "1h._nod._pdns.local."
	n := newNewsroom(t)
	n.logs(0, novelty.Domain, "kobe.jp", "a.example")
	s := n.start("feed nod 1h")
	s.reaches(zone, 0)
	held, _ := s.whole(zone)
	if got, want := namesOf(held), []string{"*.a.example." + zone, zone, "a.example." + zone, "kobe.jp." + zone}; !slices.Equal(got, want) {
		t.Errorf("held %v, want %v", got, want)
	}
}

// TestFeedSigned: many messages, each signed.
func TestFeedSigned(t *testing.T) {
	const zone, many, key, secret = "5m._nod._pdns.local.", 3000, "feeds.pdns.local.", "0J9AAWg2o8a9cQ4bM2ZbV0kW8T6Xc1dYp3uR5sE7fGk="
	n := newNewsroom(t)
	var names []string
	for i := range many {
		names = append(names, fmt.Sprintf("n%d.example", i))
	}
	n.logs(0, novelty.Domain, names...)
	s := n.start("feed nod", "tsig {\n secret "+key+" "+secret+"\n require AXFR IXFR\n}")
	s.reaches(zone, 0)
	if r := s.ask("tcp", zone, dns.TypeAXFR); r.Rcode != dns.RcodeRefused {
		t.Errorf("unsigned: %v", r)
	}
	m := new(dns.Msg).SetAxfr(zone)
	m.SetTsig(key, dns.HmacSHA256, 300, time.Now().Unix())
	in, err := (&dns.Transfer{ReadTimeout: 10 * time.Second, TsigSecret: map[string]string{key: secret}}).In(m, s.tcp)
	if err != nil {
		t.Fatal(err)
	}
	messages, records := 0, 0
	for e := range in {
		if e.Error != nil {
			t.Fatal(e.Error)
		}
		messages, records = messages+1, records+len(e.RR)
	}
	if messages < 2 || records != 3+2*many {
		t.Errorf("%d records in %d messages", records, messages)
	}
}

func namesOf(records map[string]bool) (names []string) {
	for text := range records {
		names = append(names, strings.Fields(text)[0])
	}
	slices.Sort(names)
	return names
}

// metric is the value of a metric of a feed, whose other label, if any, has a value.
func metric(t *testing.T, name, zone, other string) float64 {
	t.Helper()
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "coredns_pdnsquery_"+name {
			continue
		}
		for _, m := range f.GetMetric() {
			values := map[string]bool{}
			for _, l := range m.GetLabel() {
				values[l.GetValue()] = true
			}
			if (zone == "" || values[zone]) && (other == "" || values[other]) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return 0
}
