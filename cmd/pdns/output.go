package main

import (
	"bufio"
	"encoding/csv"
	"strconv"
	"time"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A rowWriter writes RRsets to standard output in one format.
type rowWriter interface {
	write(r *rrset.RRset) error
	close() error
}

// fresh is how long before the end of the history a row counts as newest.
const fresh = 24 * time.Hour

func (p *program) rowWriter(f *lookupFlags, c store.Coverage) rowWriter {
	out := bufio.NewWriterSize(p.out, 64<<10)
	switch {
	case f.json:
		return &cofWriter{out: out}
	case f.csv:
		w := &csvWriter{out: csv.NewWriter(out)}
		w.out.Write(csvHeader) // an error comes again at the first flush
		return w
	}
	t := &tableWriter{out: out, alike: map[string]zones{}}
	if p.colored() && !c.Until.IsZero() {
		t.newest = c.Until.Add(-fresh).Unix()
	}
	return t
}

// A cofWriter writes the Common Output Format.
type cofWriter struct {
	out  *bufio.Writer
	line []byte
}

func (w *cofWriter) write(r *rrset.RRset) error {
	w.line = append(cof.Append(w.line[:0], r), '\n')
	_, err := w.out.Write(w.line)
	return err
}

func (w *cofWriter) close() error { return w.out.Flush() }

var csvHeader = []string{"time_first", "time_last", "count", "bailiwick", "rrname", "rrtype", "rdata", "ttl_min", "ttl_max"}

// A csvWriter writes one line for each rdata.
type csvWriter struct{ out *csv.Writer }

func (w *csvWriter) write(r *rrset.RRset) error {
	row := []string{stamp(r.First), stamp(r.Last), strconv.FormatUint(r.Count, 10), "", rrset.NameString(r.Owner),
		rrset.TypeString(r.Type), "", "", ""}
	if r.Bailiwick != nil {
		row[3] = rrset.NameString(r.Bailiwick)
	}
	if r.Marks&rrset.HasTTL != 0 {
		row[7], row[8] = strconv.FormatUint(uint64(r.TTLMin), 10), strconv.FormatUint(uint64(r.TTLMax), 10)
	}
	for _, row[6] = range rdataStrings(r) {
		if err := w.out.Write(row); err != nil {
			return err
		}
	}
	return nil
}

func (w *csvWriter) close() error {
	w.out.Flush()
	return w.out.Error()
}

// rdataStrings are the rdata of r in presentation form, one empty string if it
// has none: what did not exist has a row too.
func rdataStrings(r *rrset.RRset) []string {
	if len(r.Rdata) == 0 {
		return []string{""}
	}
	texts := make([]string, len(r.Rdata))
	for i, rdata := range r.Rdata {
		texts[i] = printable(rrset.RdataString(r.Type, rdata))
	}
	return texts
}
