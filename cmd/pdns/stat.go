package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/store"
)

const statLong = `stat shows what a store can know and what it is made of: since when and until
when, how many observations were taken in, how many were left out and why, of how
many less was recorded than was seen, and its runs with their time windows, sizes
and indexes. The pdnscollect manual explains the reasons. What is wrong with the store
as a whole is a condition; files in its directory that are not of the store are other
files, which nothing touches.

A run is one file of the store. Records are RRsets in runs: an RRset that several
runs hold is a record in each, and becomes one when these are merged. How many
RRsets there are, pdns lookup '*' --summary tells. What a record takes is shown
from 1,000 of them on: a small file is mostly what every run has. WINDOW is the hour,
day, month or year that all records of a run lie in; without one it holds more than that,
as after merge --all.

stat tells what opening finds: damage and conditions are no errors, and the exit
status is 0. What is damaged inside a run is told by pdns verify, which reads all.`

const statExample = `  pdns stat
  pdns stat --json --store today.pdns`

func newStat(p *program) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "stat",
		Short:   "Show what a store holds and what it can know",
		Long:    statLong,
		Example: statExample,
		Args:    takes("flags", 0),
		RunE:    func(*cobra.Command, []string) error { return p.stat(asJSON) },
	}
	c.Flags().BoolVarP(&asJSON, "json", "j", false, "one JSON object")
	return c
}

func (p *program) stat(asJSON bool) error {
	src, err := p.source()
	if err != nil {
		return err
	}
	defer src.Close()
	coverage, err := src.Coverage()
	if err != nil {
		return err
	}
	stats, err := src.Stats()
	if err != nil {
		return err
	}
	others, err := p.others()
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(p.out).Encode(newStatObject(coverage, stats, others))
	}
	return p.statTable(coverage, stats, others)
}

// otherFiles are files in a store's directory that do not count.
type otherFiles struct {
	names []string // which are not of the store
	aside int      // which repair has put aside
}

// others are those of the store that was named; none if that is a snapshot.
func (p *program) others() (o otherFiles, err error) {
	if info, err := os.Stat(p.store); err != nil || !info.IsDir() {
		return o, err
	}
	o.names, o.aside, err = store.Others(p.store)
	return o, err
}

func (p *program) statOthers(w io.Writer, o otherFiles) {
	if o.aside > 0 {
		fmt.Fprintf(w, "put aside\t%s in %s, by pdns repair\n", plural(o.aside, "file"), store.Aside)
	}
	for _, name := range o.names {
		fmt.Fprintf(w, "other file\t%s\n", printable(name))
	}
}

func (p *program) statTable(c store.Coverage, s store.Stats, others otherFiles) error {
	w := tabwriter.NewWriter(p.out, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "store\t%s\n", printable(p.store))
	fmt.Fprintf(w, "since\t%s\n", when(c.Since))
	fmt.Fprintf(w, "until\t%s\n", when(c.Until))
	fmt.Fprintf(w, "recorded\t%s\n", plural(c.Recorded, "observation"))
	for _, reason := range slices.Sorted(maps.Keys(c.Dropped)) {
		fmt.Fprintf(w, "dropped\t%s, %s\n", number(c.Dropped[reason]), printable(reason))
	}
	if c.Reduced.Sets > 0 {
		fmt.Fprintf(w, "collapsed\tabout %s in %s\n", plural(c.Reduced.Names, "name"), plural(c.Reduced.Sets, "set"))
	}
	for _, reason := range slices.Sorted(maps.Keys(c.Reduced.Observations)) {
		fmt.Fprintf(w, "reduced\t%s, %s\n", number(c.Reduced.Observations[reason]), printable(reason))
	}
	fmt.Fprintf(w, "runs\t%d\n", len(s.Runs))
	fmt.Fprintf(w, "records\t%s\n", number(records(s)))
	fmt.Fprintf(w, "size\t%s\n", sizeOf(s))
	for _, c := range s.Conditions {
		fmt.Fprintf(w, "condition\t%s: %s\n", c.Kind, printable(c.Text))
	}
	p.statOthers(w, others)
	w.Flush() // an error comes again at the end
	if len(s.Runs) > 0 {
		fmt.Fprintln(p.out)
		fmt.Fprintln(w, "RUN\tWINDOW\tFIRST\tLAST\tRECORDS\tSIZE\tA RECORD\tRRSET\tRDATA\tLEADING\tDAMAGE")
	}
	for _, r := range s.Runs {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", printable(r.File), r.Window, when(r.First), when(r.Last),
			number(r.Records), size(r.Bytes), each(r.Bytes, r.Records), size(r.Rrset), size(r.Rdata),
			size(r.Leading), printable(r.Damage))
	}
	return w.Flush()
}

// sizeOf is the size of all runs, and of a record in them if that says something.
func sizeOf(s store.Stats) string {
	text := size(bytesOf(s))
	if records(s) >= fewRecords {
		text += ", " + each(bytesOf(s), records(s)) + " a record"
	}
	return text
}

func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return stamp(t.Unix())
}

// statObject is what --json writes. Times are Unix seconds, 0 for none; sizes
// are bytes.
type statObject struct {
	Since    int64             `json:"since"`
	Until    int64             `json:"until"`
	Recorded uint64            `json:"recorded"`
	Dropped  map[string]uint64 `json:"dropped"`
	Records  uint64            `json:"records"`
	Bytes    int64             `json:"bytes"`
	Runs     []runObject       `json:"runs"`
	Sets     uint64            `json:"collapsed_sets"`
	Names    uint64            `json:"collapsed_names"`
	Reduced  map[string]uint64 `json:"reduced"`

	Conditions map[string]string `json:"conditions,omitempty"`  // in words, by kind
	OtherFiles []string          `json:"other_files,omitempty"` // names
	PutAside   int               `json:"put_aside,omitempty"`   // files
}

type runObject struct {
	File    string `json:"file"`
	Window  string `json:"window"`
	First   int64  `json:"time_first"`
	Last    int64  `json:"time_last"`
	Records uint64 `json:"records"`
	Bytes   int64  `json:"bytes"`
	Rrset   int64  `json:"rrset_bytes"`
	Rdata   int64  `json:"rdata_bytes"`
	Leading int64  `json:"leading_bytes"`
	Damage  string `json:"damage,omitempty"`
}

func newStatObject(c store.Coverage, s store.Stats, others otherFiles) statObject {
	o := statObject{Since: unix(c.Since), Until: unix(c.Until), Recorded: c.Recorded, Dropped: map[string]uint64{},
		Sets: c.Reduced.Sets, Names: c.Reduced.Names, Reduced: map[string]uint64{},
		Records: records(s), Bytes: bytesOf(s), Runs: []runObject{},
		Conditions: map[string]string{}, OtherFiles: others.names, PutAside: others.aside}
	for _, in := range s.Conditions {
		o.Conditions[in.Kind] = in.Text
	}
	maps.Copy(o.Dropped, c.Dropped)
	maps.Copy(o.Reduced, c.Reduced.Observations)
	for _, r := range s.Runs {
		o.Runs = append(o.Runs, runObject{r.File, r.Window, unix(r.First), unix(r.Last), r.Records, r.Bytes, r.Rrset, r.Rdata,
			r.Leading, r.Damage})
	}
	return o
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
