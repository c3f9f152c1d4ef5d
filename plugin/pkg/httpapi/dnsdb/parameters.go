package dnsdb

import (
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/store"
)

// parameters reads those of a request.
type parameters struct{ dialect.Parameters }

func (p *parameters) time(name string) int64 {
	t, fault := p.X.Time(name)
	p.Note(fault)
	return t
}

func (p *parameters) fences() store.Fences {
	return store.Fences{
		FirstBefore: p.time("time_first_before"),
		FirstAfter:  p.time("time_first_after"),
		LastBefore:  p.time("time_last_before"),
		LastAfter:   p.time("time_last_after"),
	}
}

func (p *parameters) form() form {
	return form{
		human: p.Flag("humantime", false),
		extra: p.Flag("extra", false),
		brief: !p.Flag("verbose", true),
	}
}
