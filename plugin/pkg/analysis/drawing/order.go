package drawing

import (
	"cmp"
	"slices"
)

// sweeps is how often the order of the columns is tried to be made better: after a few
// times there is little to gain.
const sweeps = 6

// order puts the boxes of each column so that few lines cross: each at the mean of
// its neighbours in the column before, the strongest first where that is the same, and
// the rest behind them (Sugiyama's barycentre method).
func (l *layout) order() {
	l.sweep(-1)
	best, fewest := l.copied(), l.crossings()
	for i := 0; i < sweeps && fewest > 0; i++ {
		l.sweep(+1)
		l.sweep(-1)
		if n := l.crossings(); n < fewest {
			best, fewest = l.copied(), n
		}
	}
	l.columns = best
}

func (l *layout) copied() [][]*box {
	columns := make([][]*box, len(l.columns))
	for i, c := range l.columns {
		columns[i] = slices.Clone(c)
	}
	return columns
}

// sweep orders each column by the one beside it, -1 by that before, from left to
// right, and +1 by that behind, from right to left.
func (l *layout) sweep(beside int) {
	at := l.rows()
	for i := range l.columns {
		if beside > 0 {
			i = len(l.columns) - 1 - i
		}
		mean := map[*box]float64{}
		for _, b := range l.columns[i] {
			mean[b] = b.mean(i+beside, func(n *box) float64 { return at[n] }, at[b])
		}
		slices.SortStableFunc(l.columns[i], func(a, b *box) int {
			return cmp.Or(cmp.Compare(mean[a], mean[b]), cmp.Compare(min(1, len(a.rest)), min(1, len(b.rest))), cmp.Compare(b.score(), a.score()))
		})
		for row, b := range l.columns[i] {
			at[b] = float64(row)
		}
	}
}

func (l *layout) rows() map[*box]float64 {
	at := map[*box]float64{}
	for _, c := range l.columns {
		for row, b := range c {
			at[b] = float64(row)
		}
	}
	return at
}

// mean is that of a box's neighbours in a column, or else usual.
func (b *box) mean(column int, at func(*box) float64, usual float64) float64 {
	sum, n := 0.0, 0
	for _, e := range b.lines {
		if o := e.other(b); o.column == column {
			sum += at(o)
			n++
		}
	}
	if n == 0 {
		return usual
	}
	return sum / float64(n)
}

// crossings is how many pairs of lines between neighbouring columns cross.
func (l *layout) crossings() (n int) {
	at := l.rows()
	type pair struct{ left, right int }
	for i := range len(l.columns) - 1 {
		var pairs []pair
		for _, b := range l.columns[i] {
			for _, e := range b.lines {
				if o := e.other(b); o.column == i+1 {
					pairs = append(pairs, pair{int(at[b]), int(at[o])})
				}
			}
		}
		slices.SortFunc(pairs, func(a, b pair) int {
			return cmp.Or(cmp.Compare(a.left, b.left), cmp.Compare(a.right, b.right))
		})
		ends := make([]int, len(l.columns[i+1])+1) // a Fenwick tree of the right ends so far
		for seen, p := range pairs {
			n += seen
			for j := p.right + 1; j > 0; j -= j & -j {
				n -= ends[j]
			}
			for j := p.right + 1; j < len(ends); j += j & -j {
				ends[j]++
			}
		}
	}
	return n
}

// place gives boxes their coordinates: each column's as near to the mean of their
// neighbours in the column before as their order allows, then the seeds' by what is
// behind them.
func (l *layout) place() {
	for i, c := range l.columns {
		for row, b := range c {
			b.x, b.y = float64(i)*(boxWidth+columnGap), float64(row)*(boxHeight+rowGap)
		}
		if i > 0 {
			near(c, i-1)
		}
	}
	for i := len(l.columns) - 2; i >= 0; i-- {
		near(l.columns[i], i+1)
	}
	top := 0.0
	for _, c := range l.columns {
		if len(c) > 0 {
			top = min(top, c[0].y)
		}
	}
	for _, c := range l.columns {
		for _, b := range c {
			b.y -= top
		}
	}
}

// near moves the boxes of a column to where their neighbours in another are, as far as
// the room allows: the least squares by pooling of those that would overlap.
func near(column []*box, other int) {
	const step = boxHeight + rowGap
	type pool struct {
		sum float64
		n   int
	}
	var pools []pool
	for i, b := range column {
		want := b.mean(other, func(o *box) float64 { return o.y }, b.y)
		pools = append(pools, pool{want - float64(i)*step, 1})
		for k := len(pools) - 1; k > 0 && pools[k-1].sum/float64(pools[k-1].n) > pools[k].sum/float64(pools[k].n); k-- {
			pools[k-1] = pool{pools[k-1].sum + pools[k].sum, pools[k-1].n + pools[k].n}
			pools = pools[:k]
		}
	}
	i := 0
	for _, p := range pools {
		for range p.n {
			column[i].y = p.sum/float64(p.n) + float64(i)*step
			i++
		}
	}
}
