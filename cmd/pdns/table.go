package main

import (
	"bufio"
	"fmt"
	"strings"

	"example.org/pdns/plugin/pkg/rrset"
)

const (
	// tableBlock is how many rows are aligned with each other: a table of any
	// length takes no more memory.
	tableBlock = 1000
	// maxColumn is the widest that a column gets; what is longer pushes only its
	// own row. Names of the reverse tree of IPv6 have 73.
	maxColumn = 80
)

var tableHeader = tableRow{cells: [columns]string{"FIRST", "LAST", "COUNT", "RRNAME", "TYPE", "RDATA"}}

// The columns of a table; the last is not padded.
const (
	columns     = 6
	columnCount = 2 // aligned to the right
	columnName  = 3
	columnRdata = columns - 1
)

type tableRow struct {
	cells     [columns]string
	newest    bool
	data      string // name, type and rdata of the RRset that begins here; else empty
	bailiwick string
}

// A tableWriter writes a table for people: one line for each rdata, of which
// the first says what the others share.
type tableWriter struct {
	out    *bufio.Writer
	newest int64 // rows last seen at or after this Unix time get a colour; 0: none
	rows   []tableRow
	widths [columns]int
	begun  bool
	alike  map[string]zones // by data, in this block
}

// zones are those that gave the same data.
type zones struct {
	one     string
	several bool
}

func (t *tableWriter) write(r *rrset.RRset) error {
	row := tableRow{newest: t.newest != 0 && r.Last >= t.newest}
	row.cells = [columns]string{stamp(r.First), stamp(r.Last), number(r.Count),
		printable(rrset.NameString(r.Owner)), rrset.TypeString(r.Type)}
	rdata := rdataStrings(r)
	row.data = strings.Join(append(row.cells[columnName:columnRdata:columnRdata], rdata...), "\n")
	row.bailiwick = bailiwick(r)
	t.compare(&row)
	for i, text := range rdata {
		if i > 0 {
			row = tableRow{newest: row.newest}
		}
		row.cells[columnRdata] = text
		t.add(row)
	}
	if len(t.rows) < tableBlock {
		return nil
	}
	return t.flush()
}

// bailiwick is the zone that answered, as the table has it.
func bailiwick(r *rrset.RRset) string {
	if r.Bailiwick == nil {
		return "not known"
	}
	return printable(rrset.NameString(r.Bailiwick))
}

// compare notes whether there is a row of the block that only its bailiwick
// tells from this one.
func (t *tableWriter) compare(row *tableRow) {
	seen, ok := t.alike[row.data]
	if !ok {
		seen.one = row.bailiwick
	}
	seen.several = seen.several || seen.one != row.bailiwick
	t.alike[row.data] = seen
}

func (t *tableWriter) add(row tableRow) {
	if !t.begun {
		t.begun = true
		t.add(tableHeader)
	}
	for i, cell := range row.cells[:columnRdata] {
		t.widths[i] = max(t.widths[i], min(len(cell), maxColumn))
	}
	t.rows = append(t.rows, row)
}

func (t *tableWriter) close() error { return t.flush() }

func (t *tableWriter) flush() error {
	for i := range t.rows {
		t.line(&t.rows[i])
	}
	t.rows = t.rows[:0]
	clear(t.alike)
	return t.out.Flush()
}

func (t *tableWriter) line(row *tableRow) {
	var b strings.Builder
	for i, cell := range row.cells[:columnRdata] {
		if i == columnCount {
			fmt.Fprintf(&b, "%*s  ", t.widths[i], cell)
		} else {
			fmt.Fprintf(&b, "%-*s  ", t.widths[i], cell)
		}
	}
	b.WriteString(row.cells[columnRdata])
	if t.alike[row.data].several {
		b.WriteString("  ; bailiwick " + row.bailiwick)
	}
	line := strings.TrimRight(b.String(), " ")
	if row.newest {
		line = colorNewest + line + colorOff
	}
	t.out.WriteString(line + "\n") // an error comes again at the flush
}
