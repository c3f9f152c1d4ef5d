package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A report is all that was found, as it is kept in JSON.
type report struct {
	Machine string    `json:"machine"`
	Started time.Time `json:"started"`
	Columns []column  `json:"columns"`
	Peers   []peer    `json:"peers,omitempty"`
	Queries string    `json:"queries,omitempty"` // the table of test/bench/qps.sh
}

// A column is one size of the store, in observations.
type column struct {
	Size    uint64  `json:"size"`
	Figures figures `json:"figures"`
}

// A row shows the figures of some keys, times a factor, with so many decimals.
type row struct {
	title    string
	factor   float64
	decimals int
	keys     []string
}

const (
	micro = 1e6
	milli = 1e3
	mega  = 1e-6
)

func percentiles(key string) []string { return []string{key + ".p50", key + ".p90", key + ".p99"} }

var rows = []row{
	{"RRsets held", 1, 0, []string{"rrsets"}},
	{"observations/s of held RRsets, a writer a core", 1, 0, []string{"repeats"}},
	{"new RRsets/s, from the first on", 1, 0, []string{"new"}},
	{"new RRsets/s, since the size before", 1, 0, []string{"new.since"}},
	{"new RRsets/s, last tenth", 1, 0, []string{"new.tenth"}},
	{"generator alone, RRsets/s", 1, 0, []string{"generator"}},
	{"peak resident memory of the intake, MB", mega, 0, []string{"memory.ingest"}},
	{"bytes written for a byte stored", 1, 2, []string{"written"}},
	{"runs", 1, 0, []string{"runs"}},
	{"bytes an RRset, all in one run", 1, 1, []string{"bytes"}},
	{"— records", 1, 1, []string{"bytes.rrset"}},
	{"— by rdata", 1, 1, []string{"bytes.rdata"}},
	{"— by leading labels", 1, 1, []string{"bytes.leading"}},
	{"— filters", 1, 1, []string{"bytes.filters"}},
	{"— other buckets", 1, 3, []string{"bytes.other"}},
	{"— pages of bbolt", 1, 1, []string{"bytes.bbolt"}},
	{"bytes a record, runs of an hour", 1, 1, []string{"window.hour"}},
	{"bytes a record, runs of a day", 1, 1, []string{"window.day"}},
	{"bytes a record, runs of a month", 1, 1, []string{"window.month"}},
	{"bytes a record, runs of a year", 1, 1, []string{"window.year"}},
	{"bytes a record, runs of no window", 1, 1, []string{"window.none"}},
	{"exact, warm: p50, p90, p99, µs", micro, 0, percentiles("warm.exact")},
	{"exact, never seen, warm, µs", micro, 0, percentiles("warm.never")},
	{"suffix, warm, µs", micro, 0, percentiles("warm.suffix")},
	{"name in rdata, warm, µs", micro, 0, percentiles("warm.name")},
	{"address, warm, µs", micro, 0, percentiles("warm.address")},
	{"network /24, warm, µs", micro, 0, percentiles("warm.cidr")},
	{"exact, cold, µs", micro, 0, percentiles("cold.exact")},
	{"exact, never seen, cold, µs", micro, 0, percentiles("cold.never")},
	{"suffix, cold, µs", micro, 0, percentiles("cold.suffix")},
	{"name in rdata, cold, µs", micro, 0, percentiles("cold.name")},
	{"address, cold, µs", micro, 0, percentiles("cold.address")},
	{"network /24, cold, µs", micro, 0, percentiles("cold.cidr")},
	{"pivot on one address: RRsets/s", 1, 0, []string{"stream.address"}},
	{"— its RRsets", 1, 0, []string{"stream.address.results"}},
	{"pivot on all IPv4: RRsets/s", 1, 0, []string{"stream.network"}},
	{"— its RRsets", 1, 0, []string{"stream.network.results"}},
	{"everything in order: RRsets/s", 1, 0, []string{"stream.suffix"}},
	{"— its RRsets", 1, 0, []string{"stream.suffix.results"}},
	{"peak resident memory of these, mapped pages included, MB", mega, 0, []string{"memory.ask"}},
	{"start, cold, ms", milli, 1, []string{"start.cold"}},
	{"start, warm, ms", milli, 1, []string{"start"}},
	{"verify, s", 1, 2, []string{"verify"}},
	{"snapshot, s", 1, 2, []string{"snapshot"}},
}

// cell is what a row says of figures; empty if there are none.
func (r *row) cell(f figures) string {
	var parts []string
	for _, key := range r.keys {
		v, ok := f[key]
		if !ok {
			return ""
		}
		parts = append(parts, strconv.FormatFloat(v*r.factor, 'f', r.decimals, 64))
	}
	return strings.Join(parts, " / ")
}

// print prints the report in Markdown. A row that no size has a figure for is left
// out.
func (r *report) print(out io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s, %s\n\n| what |", r.Started.Format(time.DateOnly), r.Machine)
	for _, c := range r.Columns {
		fmt.Fprintf(&b, " %s |", count(c.Size))
	}
	fmt.Fprintf(&b, "\n| --- |%s\n", strings.Repeat(" ---: |", len(r.Columns)))
	for _, row := range rows {
		line, some := "| "+row.title+" |", false
		for _, c := range r.Columns {
			cell := row.cell(c.Figures)
			some = some || cell != ""
			line += " " + cell + " |"
		}
		if some {
			b.WriteString(line + "\n")
		}
	}
	r.printPeers(&b)
	if r.Queries != "" {
		b.WriteString("\n" + r.Queries)
	}
	_, err := out.Write(b.Bytes())
	return err
}

// count is a number of observations for people.
func count(n uint64) string {
	if n%1_000_000 == 0 {
		return fmt.Sprintf("%d million", n/1_000_000)
	}
	return strconv.FormatUint(n, 10)
}

// machine says what was measured on.
func machine() string {
	m := fmt.Sprintf("%s/%s, %d cores, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	if model := procField("/proc/cpuinfo", "model name"); model != "" {
		m += ", " + model
	}
	if memory := procField("/proc/meminfo", "MemTotal"); memory != "" {
		m += ", memory " + memory
	}
	return m
}

// procField is the first value of a name in a file of names and values; empty
// where there is none.
func procField(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
