package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/record"
	"example.org/pdns/test/bench/workload"
)

// runLoad runs the command and returns what it wrote and what it told.
func runLoad(t *testing.T, args ...string) (out []byte, told string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if err := run(args, &stdout, &stderr); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return stdout.Bytes(), stderr.String()
}

// made is what the command makes, as RRsets with the figures of all observations.
func made(t *testing.T, mode workload.Mode, total, days uint64) map[string]*rrset.RRset {
	t.Helper()
	names, err := workload.ReadNames("", "")
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string]*rrset.RRset{}
	g := workload.NewGenerator(workload.Config{Seed: 1, Mode: mode, Total: total, PerDay: total / days, Names: names})
	for r := g.Next(); r != nil; r = g.Next() {
		aggregate(sets, r)
	}
	return sets
}

func aggregate(sets map[string]*rrset.RRset, r *rrset.RRset) {
	key := string(record.AppendKey(nil, r))
	if held := sets[key]; held != nil {
		held.Add(&r.Figures)
		return
	}
	sets[key] = r.Clone()
}

// equal reports the RRsets that differ.
func equal(t *testing.T, got, want map[string]*rrset.RRset) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d RRsets, want %d", len(got), len(want))
	}
	for key, w := range want {
		switch g := got[key]; {
		case g == nil:
			t.Fatalf("missing: %s", cof.Append(nil, w))
		case g.Figures != w.Figures:
			t.Fatalf("%s\nwant %s", cof.Append(nil, g), cof.Append(nil, w))
		}
	}
}

// TestStore: the store takes every RRset, from however many writers.
func TestStore(t *testing.T) {
	for _, mode := range []workload.Mode{workload.New, workload.Observations} {
		for _, writers := range []string{"1", "3"} {
			dir := filepath.Join(t.TempDir(), "store")
			_, told := runLoad(t, "-n", "50000", "-days", "5", "-mode", string(mode), "-writers", writers, "-to", "store", dir)
			if !strings.Contains(told, "50,000 observations in ") {
				t.Errorf("it said %q", told)
			}
			equal(t, stored(t, dir), made(t, mode, 50_000, 5))
		}
	}
}

func stored(t *testing.T, dir string) map[string]*rrset.RRset {
	t.Helper()
	s, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sets := map[string]*rrset.RRset{}
	for r, err := range s.Find(context.Background(), store.Query{Negative: true}) {
		if err != nil {
			t.Fatal(err)
		}
		aggregate(sets, r)
	}
	return sets
}

// TestLines: what is written as COF is read again without loss.
func TestLines(t *testing.T) {
	out, _ := runLoad(t, "-n", "100000", "-days", "5", "-to", "cof", "-")
	sets := map[string]*rrset.RRset{}
	lines, decoder := cof.NewLines(bytes.NewReader(out)), cof.NewDecoder()
	for {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		r, err := decoder.Decode(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		aggregate(sets, r)
	}
	equal(t, sets, made(t, workload.New, 100_000, 5))
}

func TestRecords(t *testing.T) {
	file := filepath.Join(t.TempDir(), "records")
	runLoad(t, "-n", "20000", "-mode", "observations", "-to", "records", file)
	octets, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := made(t, workload.Observations, 20_000, 1)
	in := workload.NewRecordReader(bytes.NewReader(octets))
	var decoder record.Decoder
	sets := map[string]*rrset.RRset{}
	for {
		key, f, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		r, err := decoder.Decode(key)
		if err != nil {
			t.Fatal(err)
		}
		r.Figures = f
		aggregate(sets, r)
	}
	equal(t, sets, want)
}

// observed keeps what comes out of messages.
type observed struct {
	sets    map[string]*rrset.RRset
	dropped map[observation.Reason]int
}

func (o *observed) Observe(r *rrset.RRset)    { aggregate(o.sets, plain(r)) }
func (o *observed) Drop(r observation.Reason) { o.dropped[r]++ }

// plain is what of r stands in a message.
func plain(r *rrset.RRset) *rrset.RRset {
	p := *r
	if p.Marks&rrset.BailiwickKnown == 0 {
		p.Bailiwick = nil
	}
	if rrset.IsNegative(p.Type) {
		p.TTLMin, p.TTLMax = 0, 0
		p.Marks &^= rrset.HasTTL
	}
	return &p
}

// TestFrames: what messages say is what was made, but for estimates and the TTL of
// what does not exist.
func TestFrames(t *testing.T) {
	out, _ := runLoad(t, "-n", "100000", "-days", "5", "-to", "dnstap", "-")
	stream, err := dnstap.NewStream(bytes.NewReader(out), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := &observed{map[string]*rrset.RRset{}, map[observation.Reason]int{}}
	taker := dnstap.Taker{Observer: observation.New(observation.Options{}), Types: dnstap.DefaultTypes, Source: rrset.FromDnstap}
	workers := intake.Start(1, func(b *intake.Batch) { taker.Take(b, got) })
	for err == nil {
		b := workers.Get()
		if err = stream.Wait(); err == nil {
			stream.Fill(b)
		}
		workers.Put(b)
	}
	workers.Close()
	if !errors.Is(err, io.EOF) || len(got.dropped) > 0 {
		t.Errorf("the stream ends with %v; left out: %v", err, got.dropped)
	}
	want := map[string]*rrset.RRset{}
	for _, r := range made(t, workload.New, 100_000, 5) {
		aggregate(want, plain(r))
	}
	equal(t, got.sets, want)
}

func TestMistakes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []struct {
		args []string
		want string
	}{
		{[]string{"-to", "cof"}, "0 targets"},
		{[]string{"-to", "cof", "-", "-n", "5"}, "3 targets"},
		{[]string{"-to", "bind", "-"}, `-to "bind": want store`},
		{[]string{"-to", "cof", "-mode", "old", "-"}, `-mode "old": want new`},
		{[]string{"-to", "cof", "-n", "0", "-"}, "-n 0 -days 1 -writers 1: want 1 or more"},
		{[]string{"-to", "cof", "-domains", file, "-"}, "no names"},
		{[]string{"-to", "cof", filepath.Join(file, "below")}, "not a directory"},
		{[]string{"-to", "store", file}, "not a directory"},
	} {
		if err := run(bad.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%v: %v, want %q", bad.args, err, bad.want)
		}
	}
}

// TestSummary: it tells how many there were of each type.
func TestSummary(t *testing.T) {
	_, told := runLoad(t, "-n", "2000", "-to", "records", "-")
	counts := map[uint16]uint64{}
	for _, r := range made(t, workload.New, 2000, 1) {
		counts[r.Type] += r.Count
	}
	words := " " + strings.Join(strings.Fields(strings.ReplaceAll(told, ",", "")), " ") + " "
	for typ, n := range counts {
		if want := fmt.Sprintf(" %d %s ", n, rrset.TypeString(typ)); !strings.Contains(words, want) {
			t.Errorf("%q says nothing of%s", told, want)
		}
	}
}
