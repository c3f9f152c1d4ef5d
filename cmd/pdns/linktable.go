package main

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
)

// A linkTable writes links as a table of a width that is known. Columns that say least go
// where there is no room for names, and names are cut in the middle; where there is room,
// a bar says when each link was seen. It holds a block of rows at a time.
type linkTable struct {
	out   *bufio.Writer // its errors come again at the flush
	width int
	peers bool

	links       []analysis.Peer // of this block
	columns     []linkColumn    // nil before the first block
	left        []string        // heads of the columns for which there was no room
	bar         int             // columns of the bar; 0: none
	first, last int64           // what the bar spans
}

// A linkColumn is a column of the table. Those of the highest rank go first, all of them
// together; names have none, and stay.
type linkColumn struct {
	head  string
	rank  int
	name  bool
	right bool
	cell  func(*analysis.Peer) string
}

// What a table of links leaves to names at least before it does without a column, and
// how long bars are.
const (
	leastNames = 44
	leastBar   = 12
	mostBar    = 30
)

func (t *linkTable) add(l *analysis.Peer) {
	if t.links = append(t.links, *l); len(t.links) == tableBlock {
		t.flush()
	}
}

// allColumns are those of a table that has room for all.
func (t *linkTable) allColumns() []linkColumn {
	at := day
	if t.width >= 120 {
		at = stamp
	}
	columns := []linkColumn{
		{head: "FIRST", rank: 2, cell: func(l *analysis.Peer) string { return at(l.First) }},
		{head: "LAST", rank: 2, cell: func(l *analysis.Peer) string { return at(l.Last) }},
	}
	if t.peers {
		together := func(of func(*analysis.Peer) int64) func(*analysis.Peer) string {
			return func(l *analysis.Peer) string {
				if l.From == 0 {
					return "never"
				}
				return at(of(l))
			}
		}
		columns[0].rank, columns[1].rank = 4, 4
		columns = append(columns,
			linkColumn{head: "TOGETHER", rank: 2, cell: together(func(l *analysis.Peer) int64 { return l.From })},
			linkColumn{head: "UNTIL", rank: 2, cell: together(func(l *analysis.Peer) int64 { return l.Until })})
	}
	return append(columns,
		linkColumn{head: "COUNT", rank: 3, right: true, cell: func(l *analysis.Peer) string { return number(l.Count) }},
		linkColumn{head: "OWNER", name: true, cell: func(l *analysis.Peer) string { return printable(l.Owner.String()) }},
		linkColumn{head: "KIND", rank: 1, cell: func(l *analysis.Peer) string { return string(l.Kind) }},
		linkColumn{head: "TARGET", name: true, cell: func(l *analysis.Peer) string { return printable(l.Target.String()) }})
}

// flush writes the block.
func (t *linkTable) flush() {
	if len(t.links) == 0 {
		return
	}
	begins := t.columns == nil
	if begins {
		t.begin()
	}
	rows, widths := t.rows(begins)
	t.narrow(widths)
	for i, row := range rows {
		var line strings.Builder
		for j, c := range t.columns {
			text := fit(row[j], widths[j], 0, 1)
			blanks := strings.Repeat(" ", max(0, widths[j]-columnsOf(text)))
			if c.right {
				text = blanks + text
			} else {
				text += blanks
			}
			line.WriteString(text + "  ")
		}
		if t.bar > 0 {
			line.WriteString(t.when(i, begins))
		}
		fmt.Fprintln(t.out, cutLine(strings.TrimRight(line.String(), " "), t.width))
	}
	t.links = t.links[:0]
}

// begin chooses the columns, and what the bars span, by the first block.
func (t *linkTable) begin() {
	t.columns = t.allColumns()
	t.first, t.last = t.links[0].First, t.links[0].Last
	for _, l := range t.links {
		t.first, t.last = min(t.first, l.First), max(t.last, l.Last)
	}
	for {
		_, widths := t.rows(true)
		room, names := t.room(widths)
		rank := 0
		for _, c := range t.columns {
			rank = max(rank, c.rank)
		}
		if room >= min(names, leastNames) || rank == 0 {
			if left := room - names - 2; left >= leastBar {
				t.bar = min(left, mostBar)
			}
			return
		}
		t.columns = slices.DeleteFunc(t.columns, func(c linkColumn) bool {
			if c.rank == rank {
				t.left = append(t.left, c.head)
			}
			return c.rank == rank
		})
	}
}

// room is how many columns of the terminal there are for names, and how many these want.
func (t *linkTable) room(widths []int) (room, names int) {
	room = t.width - 2*(len(t.columns)-1)
	for i, c := range t.columns {
		if c.name {
			names += widths[i]
		} else {
			room -= widths[i]
		}
	}
	if t.bar > 0 {
		room -= t.bar + 2
	}
	return room, names
}

// rows are the cells of a block, below its heads if it has such, and the widths of the
// columns that hold them.
func (t *linkTable) rows(heads bool) (rows [][]string, widths []int) {
	if heads {
		var row []string
		for _, c := range t.columns {
			row = append(row, c.head)
		}
		rows = append(rows, row)
	}
	for i := range t.links {
		var row []string
		for _, c := range t.columns {
			row = append(row, c.cell(&t.links[i]))
		}
		rows = append(rows, row)
	}
	widths = make([]int, len(t.columns))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], columnsOf(cell))
		}
	}
	return rows, widths
}

// narrow takes from the columns of names what there is no room for.
func (t *linkTable) narrow(widths []int) {
	room, names := t.room(widths)
	if names <= room {
		return
	}
	owner := slices.IndexFunc(t.columns, func(c linkColumn) bool { return c.name })
	target := len(t.columns) - 1
	widths[owner] = max(min(widths[owner], room/2), room-widths[target], 1)
	widths[target] = max(room-widths[owner], 1)
}

// when is the bar of a row.
func (t *linkTable) when(row int, heads bool) string {
	if heads {
		if row == 0 {
			if span := day(t.first) + ".." + day(t.last); len(span) <= t.bar {
				return span
			}
			return "WHEN"
		}
		row--
	}
	l := &t.links[row]
	whole := float64(max(1, t.last-t.first))
	at := func(u int64) int {
		u = min(max(u, t.first), t.last)
		return min(int(float64(u-t.first)/whole*float64(t.bar)), t.bar-1)
	}
	from, to := at(l.First), at(l.Last)
	return strings.Repeat("·", from) + strings.Repeat("█", to-from+1) + strings.Repeat("·", t.bar-to-1)
}
