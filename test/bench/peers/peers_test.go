package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
	"example.org/pdns/test/bench/peers/peer"
	"example.org/pdns/test/bench/workload"
)

// observations of the test, of which a good part comes again, in other batches.
const observations = 20_000

var config = workload.Config{Seed: 3, Mode: workload.Observations, PerDay: 100_000}

// TestSameAnswers: each peer that is there gives back what was put, added up.
func TestSameAnswers(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(peers)) {
		t.Run(name, func(t *testing.T) {
			p := filled(t, name)
			want, postings := expected()
			if len(want) >= observations {
				t.Fatalf("%d RRsets in as many observations: nothing adds up", len(want))
			}
			asked := 0
			for _, key := range slices.Sorted(maps.Keys(want)) {
				if asked++; asked > 1000 {
					break
				}
				owner := []byte(key)[:record.OwnerLen([]byte(key))]
				if got := find(t, p.Owner, owner)[key]; got != want[key] {
					t.Errorf("owner %x: %+v, want %+v", key, got, want[key])
				}
				for _, posting := range postings[key] {
					if got := find(t, p.Rdata, posting)[key]; got != want[key] {
						t.Errorf("rdata %x of %x: %+v, want %+v", posting, key, got, want[key])
					}
				}
			}
			if got := find(t, p.Owner, nil); !maps.Equal(got, want) {
				t.Errorf("%d RRsets in all, or others, want %d", len(got), len(want))
			}
			if n := limited(t, p.Owner, 7); n != 7 {
				t.Errorf("%d RRsets, want 7", n)
			}
			if n := limited(t, p.Rdata, 7); n != 7 {
				t.Errorf("%d RRsets by rdata, want 7", n)
			}
			if size, err := p.Size(); err != nil || size == 0 {
				t.Errorf("%d octets: %v", size, err)
			}
		})
	}
}

// filled is a peer that holds the observations.
func filled(t *testing.T, name string) peer.Peer {
	t.Helper()
	p, err := peers[name](directory(t))
	if errors.Is(err, peer.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	task := task{config: config, n: observations, batch: 3000, budget: time.Hour, progress: io.Discard}
	if _, err := task.fill(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	return p
}

// expected is what a map says, and two postings at most of each RRset.
func expected() (map[string]rrset.Figures, map[string][][]byte) {
	want, postings := map[string]rrset.Figures{}, map[string][][]byte{}
	g := workload.NewGenerator(config)
	for range observations {
		r := g.Next()
		key := string(record.AppendKey(nil, r))
		f, ok := want[key]
		if ok {
			f.Add(&r.Figures)
		} else {
			e := peer.NewEntry(r, []byte(key))
			f, postings[key] = r.Figures, e.Postings[:min(2, len(e.Postings))]
		}
		want[key] = f
	}
	return want, postings
}

func find(t *testing.T, ask func([]byte, int, peer.Yield) error, prefix []byte) map[string]rrset.Figures {
	t.Helper()
	got := map[string]rrset.Figures{}
	err := ask(prefix, peer.All, func(key []byte, f rrset.Figures) error {
		got[string(key)] = f
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// limited counts what comes of all up to a limit.
func limited(t *testing.T, ask func([]byte, int, peer.Yield) error, limit int) (n int) {
	t.Helper()
	if err := ask(nil, limit, func([]byte, rrset.Figures) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestCommand: a run ends with a line of JSON that says everything.
func TestCommand(t *testing.T) {
	var out bytes.Buffer
	args := []string{"pebble", "-n", strconv.Itoa(observations), "-dir", directory(t)}
	if err := run(context.Background(), args, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var f figures
	if err := json.Unmarshal(out.Bytes(), &f); err != nil {
		t.Fatalf("%v: %s", err, out.Bytes())
	}
	for what, v := range map[string]float64{
		"new_per_s": f.PerSecond, "new_per_s_last": f.PerSecondLast, "bytes_per_rrset": f.BytesPerRRset,
		"p50_ns": float64(f.P50), "address_p50_ns": float64(f.AddressP50), "peak_rss": float64(f.PeakRSS),
	} {
		if v <= 0 {
			t.Errorf("%s is %v: %s", what, v, out.Bytes())
		}
	}
	if f.Name != "pebble" || f.Observations != observations || f.Notes != "" {
		t.Errorf("%s", out.Bytes())
	}
}

// directory is one whose parents other users may enter: the server of PostgreSQL
// does not run as root.
func directory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "peers-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
