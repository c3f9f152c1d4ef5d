package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A peer is another store, as test/bench/peers has measured it.
type peer struct {
	Name          string  `json:"name"`
	Observations  uint64  `json:"observations"`
	Wanted        uint64  `json:"wanted"` // observations that it was to take
	RRsets        uint64  `json:"rrsets"`
	PerSecond     float64 `json:"new_per_s"`
	PerSecondLast float64 `json:"new_per_s_last"`
	BytesPerRRset float64 `json:"bytes_per_rrset"`
	P50           float64 `json:"p50_ns"`
	P99           float64 `json:"p99_ns"`
	AddressP50    float64 `json:"address_p50_ns"`
	PeakRSS       float64 `json:"peak_rss"`
	Notes         string  `json:"notes,omitempty"`
}

// known are the peers that there are, and what those need that may be missing.
var known = []struct{ name, needs string }{
	{"bbolt", ""},
	{"sqlite", ""},
	{"pebble", ""},
	{"postgres", "postgresql"},
	{"rocksdb", "librocksdb-dev, pkg-config and a C compiler"},
	{"mtbl", "libmtbl-dev, pkg-config and a C compiler"},
}

// missing is how the command of the peers ends where one is not installed.
const missing = 3

// others measures the peers that are asked for, each in turn, and says of each
// that cannot be measured why.
func (b *bench) others(ctx context.Context) error {
	if b.peers == "none" {
		return nil
	}
	wanted := strings.Split(b.peers, ",")
	program := filepath.Join(b.dir, "peers")
	built, buildErr := b.build(ctx, program)
	defer os.Remove(program)
	for _, k := range known {
		if b.peers != "all" && !slices.Contains(wanted, k.name) || ctx.Err() != nil {
			continue
		}
		p := peer{Name: k.name}
		switch {
		case buildErr != nil:
			p.Notes = "left out: " + buildErr.Error()
		case !slices.Contains(built, k.name):
			p.Notes = "left out: it needs " + k.needs
		default:
			p = b.measure(ctx, program, k.name, k.needs)
		}
		b.report.Peers = append(b.report.Peers, p)
		fmt.Fprintf(b.progress, "%s %+v\n", k.name, p)
		if err := b.keep(); err != nil {
			return err
		}
	}
	return nil
}

// build builds the command of the peers and returns which of them are in it.
func (b *bench) build(ctx context.Context, program string) ([]string, error) {
	script, err := filepath.Abs(filepath.Join(b.source, "go.sh"))
	if err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(program)
	if err != nil {
		return nil, err
	}
	if err := b.command(ctx, script, "build", "-o", absolute, ".").Run(); err != nil {
		return nil, fmt.Errorf("the peers do not build here: %w", err)
	}
	list, err := exec.CommandContext(ctx, program, "-list").Output()
	return strings.Fields(string(list)), err
}

// measure runs one peer; where it fails, the notes say how.
func (b *bench) measure(ctx context.Context, program, name, needs string) peer {
	failed := func(err error) peer {
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == missing {
			return peer{Name: name, Notes: "left out: it needs " + needs}
		}
		return peer{Name: name, Notes: "failed: " + err.Error()}
	}
	dir := filepath.Join(b.dir, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return failed(err)
	}
	defer os.RemoveAll(dir)
	// It stops by itself; the look-ups take a part of the time that the intake does.
	ctx, cancel := context.WithTimeout(ctx, 4*b.peerTime)
	defer cancel()
	cmd := b.command(ctx, program, append([]string{name, "-n", strconv.FormatUint(b.peerSize(), 10), "-dir", dir,
		"-time", b.peerTime.String()}, b.sameData()...)...)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		return failed(err)
	}
	var p peer
	if err := json.Unmarshal(out.Bytes(), &p); err != nil {
		return failed(fmt.Errorf("%w in %q", err, out.String()))
	}
	return p
}

// sameData are the flags that make a peer's observations those of the store.
func (b *bench) sameData() []string {
	return []string{
		"-seed", strconv.FormatUint(b.workload.Seed, 10), "-per-day", strconv.FormatUint(b.workload.PerDay, 10),
		"-domains", b.domains, "-hosts", b.hosts,
	}
}

// peerSize is the largest size that a peer may be given.
func (b *bench) peerSize() uint64 {
	n := min(b.sizes[0], b.peerMax)
	for _, s := range b.sizes {
		if s <= b.peerMax {
			n = s
		}
	}
	return n
}

// printPeers prints what peers have come to, below the store at the same size.
func (r *report) printPeers(b *bytes.Buffer) {
	if len(r.Peers) == 0 {
		return
	}
	b.WriteString("\n| peer | observations | new RRsets/s | last tenth | bytes an RRset | exact, warm: p50, p99, µs | address, warm: p50, µs | peak memory, MB | notes |\n")
	b.WriteString("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n")
	for _, p := range append(r.ours(), r.Peers...) {
		if p.Observations == 0 {
			fmt.Fprintf(b, "| %s | | | | | | | | %s |\n", p.Name, p.Notes)
			continue
		}
		fmt.Fprintf(b, "| %s | %s | %.0f | %.0f | %.1f | %.0f / %.0f | %.0f | %.0f | %s |\n", p.Name, count(p.Observations), p.PerSecond, p.PerSecondLast,
			p.BytesPerRRset, p.P50/1e3, p.P99/1e3, p.AddressP50/1e3, p.PeakRSS/1e6, p.Notes)
	}
}

// ours is the store at the largest size that a peer was given.
func (r *report) ours() []peer {
	var most uint64
	for _, p := range r.Peers {
		most = max(most, p.Wanted)
	}
	for _, c := range r.Columns {
		if f := c.Figures; c.Size == most {
			return []peer{{
				Name: "this store", Observations: c.Size, RRsets: uint64(f["rrsets"]), PerSecond: f["new"], PerSecondLast: f["new.tenth"],
				BytesPerRRset: f["bytes"], P50: f["warm.exact.p50"] * 1e9, P99: f["warm.exact.p99"] * 1e9,
				AddressP50: f["warm.address.p50"] * 1e9, PeakRSS: f["memory.ingest"],
			}}
		}
	}
	return nil
}
