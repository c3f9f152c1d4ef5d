package analysis_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A history is a store that tests fill.
type history struct {
	t   testing.TB
	dir string
	*store.Store
}

func newHistory(t testing.TB) *history {
	t.Helper()
	// Runs of different days stay apart, as slices.
	dir := t.TempDir()
	s, err := store.Open(dir, store.Options{Windows: []store.Window{store.Day}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &history{t, dir, s}
}

// saw is a history of lines; see add. Behind a line "flush" another run begins.
func saw(t testing.TB, lines string) *history {
	h := newHistory(t)
	for line := range strings.Lines(lines) {
		switch line = strings.TrimSpace(line); line {
		case "":
		case "flush":
			if err := h.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		default:
			h.add(line)
		}
	}
	return h
}

// add takes in a line: first and last day of 2019, count, owner, type and the rdata,
// separated by |; "-" for none. A TTL may stand behind the count.
//
//	08-01 08-05 4 www.example.com A 192.0.2.1|192.0.2.2
//	08-01 08-05 4/300 www.example.com A 192.0.2.1
func (h *history) add(line string) {
	h.t.Helper()
	fields := strings.SplitN(line, " ", 6)
	if len(fields) != 6 {
		h.t.Fatalf("%q, want FIRST LAST COUNT OWNER TYPE RDATA", line)
	}
	r := &rrset.RRset{Owner: rrset.MustName(fields[3])}
	r.First, r.Last = day(h.t, fields[0]), day(h.t, fields[1])
	count, ttl, hasTTL := strings.Cut(fields[2], "/")
	if _, err := fmt.Sscan(count, &r.Count); err != nil {
		h.t.Fatal(err)
	}
	if hasTTL {
		if _, err := fmt.Sscan(ttl, &r.TTLMax); err != nil {
			h.t.Fatal(err)
		}
		r.TTLMin, r.Marks = r.TTLMax, rrset.HasTTL
	}
	var err error
	if r.Type, err = rrset.ParseType(fields[4]); err != nil {
		h.t.Fatal(err)
	}
	for text := range strings.SplitSeq(fields[5], "|") {
		if text == "-" {
			continue
		}
		rd, err := rrset.ParseRdata(r.Type, text)
		if err != nil {
			h.t.Fatal(err)
		}
		r.Rdata = append(r.Rdata, rd)
	}
	r.Rdata = rrset.SortRdata(r.Rdata)
	if err := h.Add(r); err != nil {
		h.t.Fatal(err)
	}
}

// day is the first second of a day of 2019.
func day(t testing.TB, s string) int64 {
	t.Helper()
	d, err := time.Parse("2006-01-02", "2019-"+s)
	if err != nil {
		t.Fatal(err)
	}
	return d.Unix()
}

// date is the day of a time.
func date(u int64) string {
	if u == 0 {
		return "-"
	}
	return time.Unix(u, 0).UTC().Format("01-02")
}

func keys(t testing.TB, text string) (keys []analysis.Key) {
	t.Helper()
	for _, s := range strings.Fields(text) {
		k, err := analysis.ParseKey(s)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	return keys
}

// picture writes a graph out: its nodes, its edges, what was cut.
func picture(g *analysis.Graph) string {
	var b strings.Builder
	for _, n := range g.Nodes {
		fmt.Fprintf(&b, "%d %s %s %.3f %s-%s %d", n.Depth, n.ID, n.State, n.Score, date(n.First), date(n.Last), n.Count)
		if n.Names > 0 {
			fmt.Fprintf(&b, " names=%d domains=%d", n.Names, n.Domains)
		}
		if n.More {
			b.WriteString(" more")
		}
		if n.Range != "" {
			b.WriteString(" in " + n.Range)
		}
		b.WriteByte('\n')
	}
	for _, e := range g.Edges {
		fmt.Fprintf(&b, "%s %s %s %s-%s %d\n", e.From, e.Kind, e.To, date(e.First), date(e.Last), e.Count)
	}
	for _, c := range g.Cut {
		fmt.Fprintf(&b, "cut at %s %d: %d nodes %v, %d links\n", c.At, c.Limit, c.Nodes, c.IDs, c.Links)
	}
	if len(g.Shared) > 0 {
		fmt.Fprintf(&b, "shared %v\n", g.Shared)
	}
	return b.String()
}
