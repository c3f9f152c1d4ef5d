package script

import (
	"context"
	"errors"

	"example.org/pdns/plugin/pkg/store/manifest"
)

func imports(n int) []manifest.Import {
	return []manifest.Import{{Sum: "00", Head: "00", Items: uint64(n), Extent: manifest.Part}}
}

// importing is an import that cuts now and then, and is told where it was.
func importing(p *Program) error {
	p.say("cuts")
	p.opts.ByCut, p.opts.Visit = true, true
	if err := p.open(); err != nil {
		return err
	}
	ctx := context.Background()
	const cuts = 6
	for n := range cuts {
		to := (n + 1) * total / cuts
		if err := p.add(to); err != nil {
			return err
		}
		if err := p.insist(func() error { return p.store.Cut(ctx, imports(to)) }); err != nil {
			return err
		}
		if n%2 == 0 { // else the next cut waits for this one
			if err := p.insist(func() error { return p.store.Sync(ctx) }); err != nil {
				return err
			}
			p.say("kept %d", to)
		}
	}
	err := p.insist(func() error { return errors.Join(p.store.Sync(ctx), p.store.Merge(ctx, false, nil)) })
	if err != nil {
		return err
	}
	p.say("kept %d", total)
	p.close()
	return nil
}
