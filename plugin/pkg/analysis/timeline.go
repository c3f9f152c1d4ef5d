package analysis

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A TimelineQuery says of which name a timeline is wanted. Zero values are defaults.
type TimelineQuery struct {
	Name  []byte   // canonical wire name
	Types []uint16 // default all, and what did not exist
	Window

	// Silence is the longest time without a sighting that is no gap; 30 days.
	Silence time.Duration
	// Settle is how long a state must have lasted to be a period by itself: those that
	// follow each other faster make periods of about this length; one day.
	Settle time.Duration
	// Records bounds how many records of how many slices are read; 100,000.
	Records int
}

func (q TimelineQuery) withDefaults() TimelineQuery {
	if q.Silence <= 0 {
		q.Silence = 30 * 24 * time.Hour
	}
	if q.Settle <= 0 {
		q.Settle = 24 * time.Hour
	}
	if q.Records <= 0 {
		q.Records = 100_000
	}
	return q
}

// A Timeline is what a name was between which dates. As JSON it is one object with
// the keys below; times are Unix seconds, rdata is in presentation form.
//
// It goes by the slices of the store's windows: what changed and changed back inside
// one slice, a month of last year's say, stood side by side as far as it tells.
type Timeline struct {
	Name    string `json:"rrname"`
	Since   int64  `json:"since,omitempty"` // the window that was asked for
	Until   int64  `json:"until,omitempty"`
	Silence int64  `json:"silence"` // seconds: see TimelineQuery

	Seen // of all data; time_first is when the name was born, as far as is known

	// Unborn is when the name was first found not to exist, if that was before it was
	// born; 0 if not.
	Unborn int64 `json:"nxdomain_before_birth,omitempty"`

	// Types come in the order of their numbers. NXDOMAIN and NODATA are among them;
	// rdata of NODATA is the type that was asked for.
	Types []TypeHistory `json:"types"`
	// Activity is the sightings of data by month, without months that had none.
	Activity []Month `json:"activity"`

	// Cut, if not 0, is the bound of records that stopped the reading: slices are
	// missing, of the types that come last.
	Cut int `json:"cut_at_records,omitempty"`
	// Incomplete, if not empty, says which part of the history could not be read.
	Incomplete string `json:"incomplete,omitempty"`
}

// A TypeHistory is what a name was by one type.
type TypeHistory struct {
	Type string `json:"rrtype"`
	Seen
	RRsets  int      `json:"rrsets"` // different sets of rdata
	Settle  int64    `json:"settle"` // seconds: see TimelineQuery; longer if there were too many periods
	Periods []Period `json:"periods"`
	// TTLs are the changes of the highest TTL from slice to slice.
	TTLs []TTLChange `json:"ttl_changes"`
}

// A Period is a time in which the same sets of rdata stood.
type Period struct {
	Seen             // sightings of the slices that begin in it: 0 if all that stood had begun before
	RRsets  int      `json:"rrsets"`            // different sets of rdata that stood in it
	Rdata   []string `json:"rdata"`             // of them together
	Added   []string `json:"added,omitempty"`   // rdata that the period before did not have
	Removed []string `json:"removed,omitempty"` // rdata that it had
	Gap     int64    `json:"gap,omitempty"`     // seconds of silence before it, if longer than Silence
	TTL     *TTLs    `json:"ttl,omitempty"`     // where one was seen
}

// TTLs are the lowest and the highest that were seen, in seconds.
type TTLs struct {
	Min uint32 `json:"min"`
	Max uint32 `json:"max"`
}

// A TTLChange is a time since when another TTL was seen.
type TTLChange struct {
	At   int64  `json:"time"`
	From uint32 `json:"from"`
	To   uint32 `json:"to"`
}

// ReadTimeline reads what a name was. It can be called concurrently. A name that was
// not seen has a timeline without types. An error that matches store.ErrIncomplete
// comes beside a timeline of what could be read; with any other there is none.
func ReadTimeline(ctx context.Context, src store.Source, q TimelineQuery) (*Timeline, error) {
	q = q.withDefaults()
	if err := rrset.CheckName(q.Name); err != nil {
		return nil, err
	}
	if q.Until != 0 && q.Until < q.Since {
		return nil, errBackwards
	}
	l := &Timeline{Name: rrset.NameString(q.Name), Since: q.Since, Until: q.Until, Silence: int64(q.Silence.Seconds()),
		Types: []TypeHistory{}, Activity: []Month{}}
	months := activity{}
	r := reader{src: src}
	err := r.eachType(ctx, &q, func(t uint16, all []slice) {
		h := history(t, all, q.Silence, q.Settle)
		switch {
		case t == rrset.TypeNXDOMAIN:
			l.Unborn = h.First
		case !rrset.IsPseudo(t):
			l.Add(h.Seen)
			months.add(all)
		}
		l.Types = append(l.Types, h)
	})
	switch {
	case errors.Is(err, errSpent):
		l.Cut = q.Records
	case err != nil:
		return nil, err
	}
	if l.Count == 0 || l.Unborn >= l.First {
		l.Unborn = 0
	}
	l.Activity = append(l.Activity, months.list()...)
	if r.damage != nil {
		l.Incomplete = r.damage.Error()
	}
	return l, r.damage
}

var errBackwards = errors.New("the window ends before it begins")

// eachType gives the slices of each type of a name, as one slice a run and set of
// rdata, until it has read as many records as it may.
func (r *reader) eachType(ctx context.Context, q *TimelineQuery, give func(uint16, []slice)) error {
	find := store.Query{Subject: store.Owner(q.Name), Types: q.Types, Negative: true, Fences: q.fences(), Slices: true}
	if len(find.Types) > 0 {
		find.Types = append(slices.Clone(find.Types), rrset.TypeNXDOMAIN)
	}
	var all []slice
	var t uint16
	records := 0
	flush := func() {
		if len(all) > 0 {
			give(t, all)
		}
		all = nil
	}
	for s, err := range r.find(ctx, find) {
		if err == nil && records >= q.Records {
			err = errSpent
		}
		if err != nil {
			flush()
			return err
		}
		if s.Type != t {
			flush()
			t = s.Type
		}
		records += max(1, len(s.Rdata))
		if n := len(all); n > 0 && slices.EqualFunc(all[n-1].rdata, s.Rdata, bytes.Equal) {
			all = append(all, slice{all[n-1].rdata, s.Figures})
		} else {
			all = append(all, slice{s.Clone().Rdata, s.Figures})
		}
	}
	flush()
	return nil
}
