package investigate

import (
	"context"
	"iter"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/mail"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// mostUnnamed bounds how many names are told from each other when they are counted.
const mostUnnamed = 100_000

// An unnamed source has no record whose owner or rdata names a recipient: whoever follows
// a link with his name in it has it in the history, beside the link without it. Seeds
// stay: somebody gave those that name him.
type unnamed struct {
	store.Source
	recipients *mail.Recipients
	seeds      map[analysis.Key]bool

	mu   sync.Mutex
	left map[string]bool // the names that named one
}

func withoutRecipients(src store.Source, q *Query) *unnamed {
	u := &unnamed{Source: src, recipients: q.Recipients, seeds: map[analysis.Key]bool{}, left: map[string]bool{}}
	for _, s := range q.Seeds {
		u.seeds[s.Key] = true
	}
	return u
}

func (u *unnamed) Find(ctx context.Context, q store.Query) iter.Seq2[*rrset.RRset, error] {
	if u.recipients == nil {
		return u.Source.Find(ctx, q)
	}
	return func(yield func(*rrset.RRset, error) bool) {
		for s, err := range u.Source.Find(ctx, q) {
			if s != nil && u.names(s) {
				continue
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

// names reports whether a record names a recipient.
func (u *unnamed) names(s *rrset.RRset) bool {
	if u.named(s.Owner) {
		return true
	}
	for _, rdata := range s.Rdata {
		found := false
		if s.Type == dns.TypeTXT {
			found = u.recipients.In(rrset.RdataString(s.Type, rdata))
		}
		err := rrset.RdataNames(s.Type, rdata, func(name []byte) { found = found || u.named(name) })
		if found || err != nil {
			return true
		}
	}
	return false
}

func (u *unnamed) named(name []byte) bool {
	text := strings.TrimSuffix(rrset.NameString(name), ".")
	if !u.recipients.Named(text) || u.seeds[analysis.NameKey(name)] {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.left) < mostUnnamed {
		u.left[text] = true
	}
	return true
}
