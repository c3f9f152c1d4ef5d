package main

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"example.org/pdns/plugin/pkg/rrset"
)

const (
	// tableBlock is how many rows are aligned with each other: a table of any
	// length takes no more memory.
	tableBlock = 1000
	// maxColumn is the widest that a column gets; what is longer pushes only its
	// own row.
	maxColumn = 48

	colorNewest = "\x1b[1;32m"
	colorOff    = "\x1b[0m"
)

var tableHeader = tableRow{cells: [columns]string{"FIRST", "LAST", "COUNT", "RRNAME", "TYPE", "RDATA"}}

// The columns of a table; the last is not padded.
const (
	columns     = 6
	columnCount = 2 // aligned to the right
	columnRdata = columns - 1
)

type tableRow struct {
	cells  [columns]string
	newest bool
}

// A tableWriter writes a table for people: one line for each rdata, of which
// the first says what the others share.
type tableWriter struct {
	out    *bufio.Writer
	newest int64 // rows last seen at or after this Unix time get a colour; 0: none
	rows   []tableRow
	widths [columns]int
	begun  bool
}

func (t *tableWriter) write(r *rrset.RRset) error {
	row := tableRow{newest: t.newest != 0 && r.Last >= t.newest}
	row.cells = [columns]string{stamp(r.First), stamp(r.Last), strconv.FormatUint(r.Count, 10),
		printable(rrset.NameString(r.Owner)), rrset.TypeString(r.Type)}
	for i, text := range rdataStrings(r) {
		if i > 0 {
			row.cells = [columns]string{}
		}
		row.cells[columnRdata] = text
		t.add(row)
	}
	if len(t.rows) < tableBlock {
		return nil
	}
	return t.flush()
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
	line := strings.TrimRight(b.String()+row.cells[columnRdata], " ")
	if row.newest {
		line = colorNewest + line + colorOff
	}
	t.out.WriteString(line + "\n") // an error comes again at the flush
}
