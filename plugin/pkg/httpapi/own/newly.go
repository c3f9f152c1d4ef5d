package own

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// usually is how far back newlyObserved goes where nobody says.
const usually = 24 * time.Hour

// Who follows is told what is new within poll, and that nothing is after beat, so that
// what is between him and the server keeps the connection. Tests set them.
var (
	poll = time.Second
	beat = 20 * time.Second
)

// markEvery is how many results a follower gets at most, but for those of one flush,
// before he is told where to go on.
const markEvery = 1000

// newlyObserved answers with the log of the last days: what flushes brought that was
// never seen before, in order of time. With follow it goes on.
func newlyObserved(p *parameters) error {
	s := novelty.Selection{Kinds: p.kinds(), Name: p.below(), Denied: p.Flag("nxdomain", false), Since: p.behind()}
	follow := p.Flag("follow", false) && p.X.Request.Method != http.MethodHead
	offset, limit := p.Page()
	if follow && p.text("limit") == "" {
		limit = p.X.Limit(0)
	}
	if p.Fault != nil {
		return p.Fault
	}
	if follow {
		leave, fault := p.followers.enter(p.X.Grant.Name)
		if fault != nil {
			return fault
		}
		defer leave()
		p.X.Follows = true
	}
	f := &feed{x: p.X, want: s, follows: follow, skip: offset, limit: limit, place: s.Since}
	err := f.begin()
	if err != nil || !follow || f.dir == "" {
		return f.end(err)
	}
	return f.end(f.follow())
}

// behind is the time behind which what is wanted was logged. What was logged at the time
// of since is wanted, of after is not, so that who goes on there misses nothing and gets
// nothing twice.
func (p *parameters) behind() int64 {
	if p.text("after") == "" {
		since := p.time("since", false)
		if since == 0 {
			since = p.X.Now.Add(-usually).Unix()
		}
		return since - 1
	}
	if p.text("since") != "" {
		p.Note(dialect.Bad("since and after: want one of them"))
	}
	return p.time("after", false)
}

// kinds reads those that are wanted.
func (p *parameters) kinds() []novelty.Kind {
	text := p.text("kind")
	if text == "" {
		return nil
	}
	kinds, err := novelty.ParseKinds(text, ",")
	if err != nil {
		p.Note(dialect.Bad("kind=%s: %s", dialect.Show(text), err))
	}
	return kinds
}

// A feed is an answer out of the log.
type feed struct {
	x       *dialect.Exchange
	want    novelty.Selection
	follows bool
	skip    int
	limit   int // 0: as many as there are

	dir     string
	log     *novelty.Feed
	lines   *lines
	given   int
	place   int64 // all until then was given, or skipped,
	behind  int   // and so much of what was logged behind it
	marked  int   // what was given when the place was told,
	told    int64 // which was this,
	at      time.Time
	shed    int  // events that had no room in the log
	damaged bool // some of it cannot be read
}

// begin gives what there is, in a turn as of any search.
func (f *feed) begin() error {
	return f.x.Engine().Do(f.x.Request.Context(), f.x.Grant.Name, func(ctx context.Context, src store.Source) error {
		f.lines = newLines(f.x)
		if f.dir = store.NewsDir(src); f.dir == "" {
			return nil
		}
		f.log = novelty.NewFeed(f.dir, f.want)
		if err := f.read(ctx); err != nil {
			return err
		}
		return f.read(ctx) // see novelty.Feed.Last
	})
}

// read gives what has come. The error is what ends the answer.
func (f *feed) read(ctx context.Context) error {
	err := f.log.Next(ctx, func(e *novelty.Event) error {
		f.move()
		switch {
		case f.limit > 0 && f.given == f.limit:
			return dialect.ErrEnough
		case f.skip > 0:
			f.skip--
			f.behind++
			return nil
		}
		f.given++
		f.behind++
		if f.given%markEvery == 0 {
			if err := f.x.Grant.Valid(clock.Now()); err != nil {
				return err
			}
		}
		if err := f.lines.add(e.AppendJSON); err != nil {
			return err
		}
		return context.Cause(ctx)
	}, func(_ int64, shed int) {
		f.shed += shed
		if f.move(); f.follows && f.given-f.marked >= markEvery {
			f.mark("") // an error comes again with what comes next
		}
	})
	f.move()
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	var l *novelty.LineError
	if errors.As(err, &l) {
		f.damaged = true
		return nil
	}
	return err
}

// move goes on to where the log says that all was told.
func (f *feed) move() {
	if last := f.log.Last(); last != f.place {
		f.place, f.behind = last, 0
	}
}

// mark tells where to go on, what is missing from what was given, and more.
func (f *feed) mark(more string) error {
	f.marked, f.told, f.at = f.given, f.place, time.Now()
	c := condition{cond: "ongoing", after: f.place, offset: f.behind, message: join(f.notes(), more)}
	f.shed, f.damaged = 0, false
	return f.lines.line(c.append)
}

// follow gives what comes, until it is cut, or the server ends.
func (f *feed) follow() error {
	if err := f.mark(f.reach()); err != nil {
		return err
	}
	ctx := f.x.Request.Context()
	look := time.NewTicker(poll)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-f.x.Closing:
			return errClosing
		case <-look.C:
		}
		if err := f.x.Grant.Valid(clock.Now()); err != nil {
			return err
		}
		if err := f.read(ctx); err != nil {
			return err
		}
		if f.place != f.told || time.Since(f.at) >= beat {
			if err := f.mark(""); err != nil {
				return err
			}
		}
	}
}

var errClosing = errors.New("the server ends, or begins anew: ask again")

// end says how the answer ended, and where to go on.
func (f *feed) end(err error) error {
	c := condition{cond: "succeeded", message: f.notes(), after: f.place, offset: f.behind}
	switch {
	case errors.Is(err, dialect.ErrEnough):
		more := fmt.Sprintf("there is more: ask again with after=%d", f.place)
		if f.behind > 0 {
			more += fmt.Sprintf("&offset=%d", f.behind)
		}
		c.cond, c.message = "limited", join(more, c.message)
	case errors.Is(err, errClosing):
		c.cond, c.message = "limited", join(err.Error(), c.message)
	case err != nil:
		why := shortfall(err)
		if f.lines == nil || why == "" {
			return err
		}
		c.cond, c.message = "failed", join(why, c.message)
	case f.dir == "":
		c = condition{cond: "succeeded", message: "a snapshot has no log of what was newly observed: ask new, which asks all of its history"}
	case f.damaged:
		c.cond = "failed"
	}
	if c.message == "" {
		c.message = f.reach()
	}
	return f.lines.close(c)
}

func join(texts ...string) string {
	var said []string
	for _, t := range texts {
		if t != "" {
			said = append(said, t)
		}
	}
	return strings.Join(said, "; ")
}

// notes is what is missing from what was given.
func (f *feed) notes() string {
	var shed, damaged string
	if f.shed > 0 {
		shed = fmt.Sprintf("%d more were found that the log had no room for", f.shed)
	}
	if f.damaged {
		damaged = "a part of the log could not be read: what the rest holds is given"
	}
	return join(shed, damaged)
}

// reach says where the log does not reach back as far as was asked for.
func (f *feed) reach() string {
	begins, err := novelty.Begins(f.dir, f.want)
	switch {
	case err != nil:
		return "" // it was read a moment ago
	case begins == 0:
		return novelty.NoLog
	case begins > f.want.Since+1:
		return "the log begins at " + time.Unix(begins, 0).UTC().Format(time.RFC3339) + ": ask new for what was first seen before"
	}
	return ""
}
