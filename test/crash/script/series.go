package script

import (
	"errors"

	"example.org/pdns/plugin/pkg/store/disposable"
)

// collapse is a collector that sees names which a machine makes: most of them
// collapse.
func collapse(p *Program) error {
	p.opts.Disposable = disposable.Policy{Mode: disposable.Collapse, Children: 20}
	if err := p.flushSeries(machine, 5); err != nil {
		return err
	}
	if p.reduced.Names == 0 {
		return errors.New("nothing has collapsed")
	}
	return nil
}

// heavily is a collector of RRsets so large that a run takes several transactions
// of bbolt, and its map grows in between.
func heavily(p *Program) error { return p.flushSeries(heavy, 2) }

// flushSeries flushes a series in pieces, with a new start, and merges them.
func (p *Program) flushSeries(s series, pieces int) error {
	p.series = s
	p.say("series %s", s)
	if err := p.open(); err != nil {
		return err
	}
	for n := range pieces {
		if err := p.flush((n + 1) * total / pieces); err != nil {
			return err
		}
		if n == 0 {
			p.close()
			if err := p.open(); err != nil {
				return err
			}
		}
	}
	p.merge(true)
	p.snapshot("snapshot")
	if c, err := p.store.Coverage(); err == nil {
		p.reduced = c.Reduced
	}
	p.close()
	return nil
}
