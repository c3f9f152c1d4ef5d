package pdnsquery

import (
	"context"
	"errors"
	"iter"
	"runtime"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// errBusy: as many searches are under way, and as many wait, as may be.
var errBusy = errors.New("busy: too many searches are under way, ask again later")

// bounds keep the searches of one plugin instance from taking the memory and the
// processors that the resolver beside it needs.
type bounds struct {
	exact    *bound  // look-ups of one owner: quick, so many may wait
	search   *bound  // all others: as much as there is history
	transfer *shares // as long as a client reads
	feed     *shares // transfers of feeds, which are in memory
}

func newBounds() bounds {
	processors := runtime.GOMAXPROCS(0)
	return bounds{
		exact:    newBound(16*processors, 4096),
		search:   newBound(2*processors, 64),
		transfer: newShares(2*processors, 64),
		feed:     newShares(8*processors, 64),
	}
}

// A bound lets so many run at a time, and so many more wait.
type bound struct {
	present chan struct{} // holds one for each that runs or waits
	running chan struct{}
}

func newBound(running, waiting int) *bound {
	return &bound{present: make(chan struct{}, running+waiting), running: make(chan struct{}, running)}
}

// enter waits for its turn while the context lasts. After an error, which is
// errBusy, there is nothing to leave.
func (b *bound) enter(ctx context.Context) error {
	select {
	case b.present <- struct{}{}:
	default:
		return errBusy
	}
	select {
	case b.running <- struct{}{}:
		return nil
	case <-ctx.Done():
		<-b.present
		return errBusy
	}
}

func (b *bound) leave() {
	<-b.running
	<-b.present
}

// A bounded source begins a search when the bound lets it.
type bounded struct {
	store.Source
	*bound
}

func (b bounded) Find(ctx context.Context, q store.Query) iter.Seq2[*rrset.RRset, error] {
	return func(yield func(*rrset.RRset, error) bool) {
		if err := b.enter(ctx); err != nil {
			yield(nil, err)
			return
		}
		defer b.leave()
		b.Source.Find(ctx, q)(yield)
	}
}
