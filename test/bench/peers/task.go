package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
	"example.org/pdns/test/bench/peers/peer"
	"example.org/pdns/test/bench/workload"
)

// A task is what a peer is given to do.
type task struct {
	config   workload.Config
	n        int // observations
	batch    int // RRsets
	budget   time.Duration
	progress io.Writer
}

// figures are what is said of a peer.
type figures struct {
	Name          string  `json:"name"`
	Observations  int     `json:"observations"`   // that it has taken
	Wanted        int     `json:"wanted"`         // that it was to take
	RRsets        int     `json:"rrsets"`         // that it holds
	PerSecond     float64 `json:"new_per_s"`      // observations, until it has settled
	PerSecondLast float64 `json:"new_per_s_last"` // over the last tenth, until that is flushed
	BytesPerRRset float64 `json:"bytes_per_rrset"`
	P50           int64   `json:"p50_ns"` // of an exact look-up, warm
	P99           int64   `json:"p99_ns"`
	AddressP50    int64   `json:"address_p50_ns"` // of a look-up of an address, warm
	PeakRSS       int64   `json:"peak_rss"`       // bytes, when it had settled
	Notes         string  `json:"notes,omitempty"`
}

// measure fills a peer and asks it.
func (t *task) measure(ctx context.Context, p peer.Peer) (figures, error) {
	f, err := t.fill(ctx, p)
	if err != nil {
		return f, err
	}
	if f.PeakRSS, err = peakRSS(p); err != nil {
		f.Notes = join(f.Notes, "memory not measured")
	}
	s := t.sample(f.Observations)
	if f.P50, f.P99, err = latency(p.Owner, s.owners); err != nil {
		return f, err
	}
	if f.AddressP50, _, err = latency(p.Rdata, s.addresses); err != nil {
		return f, err
	}
	if err := p.Owner(nil, peer.All, func([]byte, rrset.Figures) error { f.RRsets++; return nil }); err != nil {
		return f, err
	}
	size, err := p.Size()
	f.BytesPerRRset = float64(size) / float64(max(f.RRsets, 1))
	return f, err
}

// fill puts observations until there are n, the time is over or ctx is.
func (t *task) fill(ctx context.Context, p peer.Peer) (figures, error) {
	f := figures{Wanted: t.n}
	g := workload.NewGenerator(t.config)
	start := time.Now()
	var tenth time.Time // when the last tenth began
	for f.Observations < t.n && ctx.Err() == nil && time.Since(start) < t.budget {
		if f.Observations >= t.n-t.n/10 && tenth.IsZero() {
			if err := p.Flush(); err != nil {
				return f, err
			}
			tenth = time.Now()
		}
		batch, took := t.collect(g, f.Observations)
		if err := p.Put(batch); err != nil {
			return f, err
		}
		f.Observations += took
		fmt.Fprintf(t.progress, "%d of %d, %.0f/s\n", f.Observations, t.n, float64(f.Observations)/time.Since(start).Seconds())
	}
	if err := p.Flush(); err != nil {
		return f, err
	}
	if !tenth.IsZero() && f.Observations == t.n {
		f.PerSecondLast = float64(t.n/10) / time.Since(tenth).Seconds()
	}
	if err := p.Settle(); err != nil {
		return f, err
	}
	f.PerSecond = float64(f.Observations) / time.Since(start).Seconds()
	if f.Observations < t.n {
		f.Notes = fmt.Sprintf("stopped at %d after %s", f.Observations, time.Since(start).Round(time.Second))
	}
	return f, nil
}

// collect adds up the next observations to a batch, and says how many they were.
func (t *task) collect(g *workload.Generator, done int) (batch []peer.Entry, took int) {
	at := map[string]int{}
	var key []byte
	limit := t.n - done
	if tenth := t.n - t.n/10; done < tenth {
		limit = tenth - done // a batch does not reach into the last tenth
	}
	for ; took < limit && len(batch) < t.batch; took++ {
		r := g.Next()
		key = record.AppendKey(key[:0], r)
		if i, ok := at[string(key)]; ok {
			batch[i].Figures.Add(&r.Figures)
			continue
		}
		at[string(key)] = len(batch)
		batch = append(batch, peer.NewEntry(r, key))
	}
	slices.SortFunc(batch, func(a, b peer.Entry) int { return bytes.Compare(a.ID, b.ID) })
	return batch, took
}
