package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"example.org/pdns/plugin/pkg/exclude"
	"example.org/pdns/plugin/pkg/observation"
)

// observeFlags say which responses count, and what of them, as they were given.
type observeFlags struct {
	ports       []uint
	exclude     []string
	dnssec, ecs bool
}

func (f *observeFlags) add(flags *pflag.FlagSet) {
	flags.UintSliceVar(&f.ports, "port", []uint{53}, "take responses in packets that come from a `port`; several with commas")
	flags.StringSliceVar(&f.exclude, "exclude", nil, "leave out a `zone`, or the reverse zones of a network")
	flags.BoolVar(&f.dnssec, "dnssec", false, "take the types that only serve DNSSEC too")
	flags.BoolVar(&f.ecs, "ecs", false, "take answers made for one network of clients too")
}

// servers are the ports, each once and in order: which they are is all that counts.
func (f *observeFlags) servers() (ports []uint16, err error) {
	for _, port := range f.ports {
		if port == 0 || port > 65535 {
			return nil, fmt.Errorf("--port %d: want 1 to 65535", port)
		}
		ports = append(ports, uint16(port))
	}
	slices.Sort(ports)
	return slices.Compact(ports), nil
}

func (f *observeFlags) observe(now func() time.Time) (o observation.Options, err error) {
	o = observation.Options{DNSSEC: f.dnssec, ECS: f.ecs, Now: now}
	if o.Exclude, err = exclude.Parse(f.exclude); err != nil {
		err = fmt.Errorf("--exclude: %w", err)
	}
	return o, err
}
