package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// A newsroom is a store whose clock stands still, and what its log said so far.
type newsroom struct {
	*testing.T
	dir    string
	now    atomic.Int64 // which the store's background reads too
	store  *store.Store
	info   []store.NewsInfo
	errs   []error
	names  *novelty.Reader
	rrsets *novelty.Reader
}

func openNewsroom(t *testing.T, o novelty.Options) *newsroom {
	n := &newsroom{T: t, dir: t.TempDir()}
	n.now.Store(1_700_000_000)
	n.open(o)
	t.Cleanup(func() { n.store.Close() })
	n.names, n.rrsets = novelty.NewReader(n.dir, false, 0), novelty.NewReader(n.dir, true, 0)
	return n
}

func (n *newsroom) open(o novelty.Options) {
	n.Helper()
	s, err := store.Open(n.dir, store.Options{
		Flush: time.Hour, News: o,
		Now: func() time.Time { return time.Unix(n.now.Load(), 0) },
		Events: store.Events{
			News:  func(i store.NewsInfo) { n.info = append(n.info, i) },
			Error: func(err error) { n.errs = append(n.errs, err) },
		},
	})
	if err != nil {
		n.Fatal(err)
	}
	n.store = s
}

// add records "OWNER TYPE RDATA", or "OWNER NXDOMAIN -SECONDS", seen a time ago.
func (n *newsroom) add(text string, ago int64) {
	n.Helper()
	f := strings.SplitN(text, " ", 3)
	r := &rrset.RRset{Owner: rrset.MustName(f[0]), Figures: rrset.Figures{First: n.now.Load() - ago, Last: n.now.Load() - ago, Count: 1}}
	switch f[1] {
	case "NXDOMAIN":
		r.Type = rrset.TypeNXDOMAIN
		if len(f) > 2 { // some seconds before
			before, err := strconv.ParseInt(f[2], 10, 64)
			if err != nil {
				n.Fatal(err)
			}
			r.First, r.Last = r.First+before, r.Last+before
		}
	case "NODATA":
		r.Type, r.Rdata = rrset.TypeNODATA, [][]byte{{0, 1}}
	default:
		r.Type = dns.StringToType[f[1]]
		rd, err := rrset.ParseRdata(r.Type, f[2])
		if err != nil {
			n.Fatal(err)
		}
		r.Rdata = [][]byte{rd}
	}
	if err := n.store.Add(r); err != nil {
		n.Fatal(err)
	}
}

// flushed is what a flush told of, in order of the text.
func (n *newsroom) flushed() []string {
	n.Helper()
	if err := n.store.Flush(context.Background()); err != nil {
		n.Fatal(err)
	}
	return n.told()
}

func (n *newsroom) told() (told []string) {
	n.Helper()
	for _, r := range []*novelty.Reader{n.names, n.rrsets} {
		if err := r.Next(func(e *novelty.Event) error { told = append(told, tell(e, n.now.Load())); return nil }, nil); err != nil {
			n.Error(err)
		}
	}
	slices.Sort(told)
	return told
}

// tell is what matters of an event, with times before now.
func tell(e *novelty.Event, now int64) string {
	s := fmt.Sprintf("%s %s", e.Kind, rrset.NameString(e.Name))
	if e.Kind != novelty.RRset {
		s += " by " + rrset.NameString(e.Set.Owner)
	}
	s += " " + rrset.TypeString(e.Set.Type)
	if e.Denied != 0 {
		s += fmt.Sprintf(" denied -%d", now-e.Denied)
	}
	if e.Before != 0 {
		s += fmt.Sprintf(" before -%d", now-e.Before)
	}
	return s
}

const aDay = 24 * 60 * 60 // seconds

func TestNews(t *testing.T) {
	always := novelty.Options{Learn: -1}
	type step struct {
		later int64 // seconds
		add   []string
		ago   int64
		want  []string
	}
	born := []string{
		"domain a.example. by www.a.example. A",
		"host www.a.example. by www.a.example. A",
		"rrset www.a.example. A",
	}
	for _, tt := range []struct {
		name  string
		o     novelty.Options
		steps []step
	}{
		{"a domain, a host and an RRset are new once", always, []step{
			{add: []string{"www.a.example A 192.0.2.1"}, want: born},
			{later: 60, add: []string{"www.a.example A 192.0.2.1"}},
			{later: 60, add: []string{"www.a.example A 192.0.2.2"}, want: []string{"rrset www.a.example. A"}},
			{later: 60, add: []string{"mail.a.example A 192.0.2.1"}, want: []string{"host mail.a.example. by mail.a.example. A", "rrset mail.a.example. A"}},
		}},
		{"the apex and what is below it are one domain", always, []step{
			{add: []string{"a.example NS ns.b.test", "x.y.a.example A 192.0.2.1", "aa.example A 192.0.2.1"}, want: []string{
				"domain a.example. by a.example. NS", "domain aa.example. by aa.example. A",
				"host a.example. by a.example. NS", "host aa.example. by aa.example. A", "host x.y.a.example. by x.y.a.example. A",
				"rrset a.example. NS", "rrset aa.example. A", "rrset x.y.a.example. A"}},
		}},
		{"what does not exist is not new, and told of when it does", always, []step{
			{add: []string{"www.a.example NXDOMAIN", "a.example NODATA"}},
			{later: 100, add: []string{"www.a.example A 192.0.2.1"}, want: []string{
				"domain a.example. by www.a.example. A denied -100", "host www.a.example. by www.a.example. A denied -100", "rrset www.a.example. A"}},
		}},
		{"denied and born in one flush", always, []step{
			{add: []string{"a.example NXDOMAIN -50", "www.a.example NXDOMAIN -40", "www.a.example A 192.0.2.1"}, want: []string{
				"domain a.example. by www.a.example. A denied -50", "host www.a.example. by www.a.example. A denied -40", "rrset www.a.example. A"}},
		}},
		{"born and denied", always, []step{{add: []string{"www.a.example NXDOMAIN"}, ago: 10}, {want: nil},
			{add: []string{"www.b.example A 192.0.2.1", "www.b.example NXDOMAIN"}, want: []string{
				"domain b.example. by www.b.example. A", "host www.b.example. by www.b.example. A", "rrset www.b.example. A"}},
		}},
		{"somebody's own suffix, and what is below it", always, []step{
			{add: []string{"amazonaws.com A 192.0.2.1", "bucket.s3.amazonaws.com A 192.0.2.1", "x.bucket.s3.amazonaws.com A 192.0.2.1", "www.amazonaws.com A 192.0.2.1"}, want: []string{
				"domain amazonaws.com. by amazonaws.com. A", "domain bucket.s3.amazonaws.com. by bucket.s3.amazonaws.com. A",
				"host amazonaws.com. by amazonaws.com. A", "host bucket.s3.amazonaws.com. by bucket.s3.amazonaws.com. A",
				"host x.bucket.s3.amazonaws.com. by x.bucket.s3.amazonaws.com. A", "host www.amazonaws.com. by www.amazonaws.com. A",
				"rrset amazonaws.com. A", "rrset bucket.s3.amazonaws.com. A", "rrset x.bucket.s3.amazonaws.com. A", "rrset www.amazonaws.com. A"}},
		}},
		{"somebody's own suffix, after what is below it", always, []step{
			{add: []string{"b.s3.amazonaws.com A 192.0.2.1"}, want: []string{
				"domain b.s3.amazonaws.com. by b.s3.amazonaws.com. A", "host b.s3.amazonaws.com. by b.s3.amazonaws.com. A", "rrset b.s3.amazonaws.com. A"}},
			{later: 60, add: []string{"www.amazonaws.com A 192.0.2.1"}, want: []string{
				"domain amazonaws.com. by www.amazonaws.com. A", "host www.amazonaws.com. by www.amazonaws.com. A", "rrset www.amazonaws.com. A"}},
		}},
		{"a silence", always, []step{
			{add: []string{"www.a.example A 192.0.2.1", "www.b.example A 192.0.2.1"}, want: append([]string{
				"domain b.example. by www.b.example. A", "host www.b.example. by www.b.example. A", "rrset www.b.example. A"}, born...)},
			{later: 6 * aDay, add: []string{"x.b.example A 192.0.2.1"}, want: []string{"host x.b.example. by x.b.example. A", "rrset x.b.example. A"}},
			{later: 5 * aDay, add: []string{"www.b.example A 192.0.2.1", "www.a.example A 192.0.2.1"},
				want: []string{"again a.example. by www.a.example. A before -950400"}},
			{later: 60, add: []string{"www.a.example A 192.0.2.1"}},
		}},
		{"a silence that is set", novelty.Options{Learn: -1, Silence: time.Hour}, []step{
			{add: []string{"www.a.example A 192.0.2.1"}, want: born},
			{later: 3500, add: []string{"www.a.example A 192.0.2.1"}},
			{later: 3700, add: []string{"www.a.example A 192.0.2.1"}, want: []string{"again a.example. by www.a.example. A before -3700"}},
		}},
		{"history that is imported brings no news", always, []step{
			{add: []string{"www.a.example A 192.0.2.1"}, ago: 2 * aDay},
			{later: 60, add: []string{"www.a.example A 192.0.2.1"}},
		}},
		{"nothing is new at first", novelty.Options{}, []step{
			{add: []string{"www.a.example A 192.0.2.1"}},
			{later: 6 * aDay, add: []string{"www.b.example A 192.0.2.1"}},
			{later: aDay, add: []string{"www.a.example A 192.0.2.1", "c.example A 192.0.2.1"}, want: []string{
				"domain c.example. by c.example. A", "host c.example. by c.example. A", "rrset c.example. A"}},
		}},
		{"addresses and public suffixes are no domains", always, []step{
			{add: []string{"1.2.0.192.in-addr.arpa PTR a.example", "co.uk NS ns.a.example"}, want: []string{"host co.uk. by co.uk. NS", "rrset co.uk. NS"}},
		}},
		{"off", novelty.Options{Off: true, Learn: -1}, []step{{add: []string{"www.a.example A 192.0.2.1"}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := openNewsroom(t, tt.o)
			for i, s := range tt.steps {
				n.now.Add(s.later)
				for _, text := range s.add {
					n.add(text, s.ago)
				}
				slices.Sort(s.want)
				if got := n.flushed(); !slices.Equal(got, s.want) {
					t.Errorf("flush %d tells\n%s\nwant\n%s", i, strings.Join(got, "\n"), strings.Join(s.want, "\n"))
				}
			}
		})
	}
}

// TestNewsModel compares what is found with what a list of everything says, while runs
// are merged and the store is opened again.
func TestNewsModel(t *testing.T) {
	const quiet = 2 * aDay
	rng := rand.New(rand.NewPCG(1, 2))
	w := world{rng}
	o := novelty.Options{Learn: -1, Silence: quiet * time.Second}
	n := openNewsroom(t, o)
	held := map[string]bool{}
	seen := map[string]int64{} // domain -> last
	for range 150 {
		n.now.Add(int64(rng.IntN(aDay)))
		if rng.IntN(10) == 0 {
			if err := n.store.Close(); err != nil {
				t.Fatal(err)
			}
			n.open(o)
		}
		want := map[string]bool{}
		last := map[string]int64{}
		fresh := map[string]bool{}
		for range rng.IntN(12) {
			r := w.observation(n.now.Load() - 10)
			if err := n.store.Add(r); err != nil {
				t.Fatal(err)
			}
			if rrset.IsPseudo(r.Type) || rrset.Encloses(rrset.MustName("arpa"), r.Owner) {
				continue
			}
			owner := rrset.NameString(r.Owner)
			set := fmt.Sprintf("rrset %s %s %s %x", owner, rrset.TypeString(r.Type), r.Bailiwick, r.Rdata)
			if !held[set] {
				want["rrset "+owner+" "+rrset.TypeString(r.Type)], fresh[set] = true, true
			}
			if !held["host "+owner] {
				want["host "+owner], fresh["host "+owner] = true, true
			}
			d := registered.Domain(r.Owner)
			if !registered.Is(d) {
				continue
			}
			domain := rrset.NameString(d)
			last[domain] = max(last[domain], r.Last)
			switch before := seen[domain]; {
			case before == 0:
				want["domain "+domain] = true
			case before < n.now.Load()-quiet:
				want["again "+domain] = true
			}
		}
		for k := range fresh {
			held[k] = true
		}
		for d, l := range last {
			seen[d] = max(seen[d], l)
		}
		if err := n.store.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, l := range n.told() {
			f := strings.Fields(l)
			if f[0] == "rrset" {
				got[l] = true
			} else {
				got[f[0]+" "+f[1]] = true
			}
		}
		for k := range want {
			if !got[k] {
				t.Errorf("at %d: %s is not told", n.now.Load(), k)
			}
		}
		for k := range got {
			if !want[k] {
				t.Errorf("at %d: %s is told", n.now.Load(), k)
			}
		}
	}
	if len(seen) < 4 {
		t.Fatalf("%d domains: the test says nothing", len(seen))
	}
}

// TestNewsUnwritten: a log that cannot be written stops no flush, and what it lacks is
// told when it can be.
func TestNewsUnwritten(t *testing.T) {
	n := openNewsroom(t, novelty.Options{Learn: -1})
	// What is in the way is no file of the log's.
	for _, stem := range []string{"new-names", "new-rrsets"} {
		if err := os.Mkdir(filepath.Join(n.dir, fmt.Sprintf("%s-%012d.log", stem, n.now.Load())), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	n.add("www.a.example A 192.0.2.1", 0)
	if got := n.flushed(); got != nil {
		t.Errorf("told %q", got)
	}
	if len(n.info) != 1 || n.info[0].Shed != 0 || n.info[0].Found[novelty.Domain] != 1 {
		t.Errorf("info %+v", n.info)
	}
	if err := errors.Join(n.errs...); err == nil || !strings.Contains(err.Error(), "log of what is new") {
		t.Errorf("error %v", err)
	}
	n.now.Add(1)
	n.add("www.a.example A 192.0.2.1", 0)
	want := []string{"domain a.example. by www.a.example. A", "host www.a.example. by www.a.example. A", "rrset www.a.example. A"}
	if got := n.flushed(); !slices.Equal(got, want) {
		t.Errorf("then told %q, want %q", got, want)
	}
}

// TestNewsCrowd: who owns a zone keeps no other's news out of the log, however many and
// large his RRsets are.
func TestNewsCrowd(t *testing.T) {
	n := openNewsroom(t, novelty.Options{Learn: -1})
	large := &rrset.RRset{Type: dns.TypeTXT}
	for i := range 16 {
		rd := []byte{}
		for range 15 {
			rd = append(append(rd, 255), bytes.Repeat([]byte{byte(i)}, 255)...)
		}
		large.Rdata = append(large.Rdata, rd)
	}
	for i := range 600 {
		large.Owner = rrset.MustName(fmt.Sprintf("f%03d.attacker.ac", i))
		large.Figures = rrset.Figures{First: n.now.Load(), Last: n.now.Load(), Count: 1}
		if err := n.store.Add(large); err != nil {
			t.Fatal(err)
		}
	}
	n.add("www.phish.zip A 192.0.2.1", 0)
	told := n.flushed()
	for _, want := range []string{"domain phish.zip. by www.phish.zip. A", "host www.phish.zip. by www.phish.zip. A", "rrset www.phish.zip. A",
		"domain attacker.ac. by f000.attacker.ac. TXT"} {
		if !slices.Contains(told, want) {
			t.Errorf("%s is not among the %d events told", want, len(told))
		}
	}
	if shed := n.info[0].Shed; shed == 0 || len(told)+int(shed) != 600*2+1+3 {
		t.Errorf("%d events told and %d shed, want %d", len(told), shed, 600*2+1+3)
	}
}

// TestNewsAgain: what a flush found that could not be written is found by the next.
func TestNewsAgain(t *testing.T) {
	n := openNewsroom(t, novelty.Options{Learn: -1})
	n.store.Reconfigure(store.Options{Flush: time.Hour, News: novelty.Options{Learn: -1}, MaxRunBytes: 1,
		Now: func() time.Time { return time.Unix(n.now.Load(), 0) }})
	n.add("www.a.example A 192.0.2.1", 0)
	if err := n.store.Flush(t.Context()); err == nil {
		t.Fatal("a run of one byte was written")
	}
	if got := n.told(); got != nil {
		t.Errorf("told %q of a flush that failed", got)
	}
	n.store.Reconfigure(store.Options{Flush: time.Hour, News: novelty.Options{Learn: -1},
		Now: func() time.Time { return time.Unix(n.now.Load(), 0) }})
	want := []string{"domain a.example. by www.a.example. A", "host www.a.example. by www.a.example. A", "rrset www.a.example. A"}
	if got := n.flushed(); !slices.Equal(got, want) {
		t.Errorf("then told %q, want %q", got, want)
	}
}
