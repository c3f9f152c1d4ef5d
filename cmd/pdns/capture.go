package main

import (
	"context"
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/capture"
)

const captureLong = `capture listens to the DNS responses that pass a network interface, and writes
what they say into a store, or sends it to a collector, until it is interrupted.
It is the way to a history where no resolver can be made to send dnstap.

Listen where a resolver asks others, behind its cache and in front of the servers:
at the resolver's own interface to the world, or at a mirror port. What passes
between clients and their resolver tells the same from the cache, and counts
clients.

Beware: who listens sees forged responses too. A response by UDP counts only if its
query was seen in the ten seconds before, between the same addresses and ports, with
the same id and question, which a forger has to guess as he has to for the resolver.
But a resolver can do more: it validates signatures, and knows which zone it asked
a server for. Here nothing says for which zone a server answers, so additional data
is left out, and the server is believed about every name on the chain that it begins.
Prefer dnstap where you have the choice. With --unmatched, for an interface that only
the responses pass, whoever can send a packet past it can write history.

Nothing of a client is kept or sent: the kernel passes DNS from --port alone (and the
queries to it, of which a number is kept for seconds), and of a response neither
address, port, id, cookie, client subnet nor letter case goes on. There is no
option to write or send messages as they are.

ADDR is that of a collector that takes dnstap, as pdnscollect does:

    host:port          TCP, not encrypted
    tls://host:port    TLS; --ca has its root certificates, --cert and --key are ours
    unix:PATH          a socket of this machine

While the collector is away, messages wait in memory (16 MiB); what finds no room
is counted as shed. It is told no more than a time and the response, cleaned.

To open the interface takes root, or the capability CAP_NET_RAW. Root is given up
behind that, for good: for --user, or else the owner of DIR (for a new one, of the
directory that it is in), or else nobody. DIR has to belong to that user:
chown -R USER DIR. CoreDNS writes to its store alone: send to its collector instead.`

const captureExample = `  pdns capture -i eth0 -w ./case-17
  pdns capture -i eth0 --to unix:/run/pdns/dnstap.sock
  pdns capture -i mirror0 --to tls://collector.example:6000 --ca ca.pem --cert sensor.pem --key sensor.key
  ip netns exec lab pdns capture -i veth0 -w ./lab --user lab`

// captureFlags are as they were given.
type captureFlags struct {
	iface, write, to, user string
	ca, cert, key          string
	identity               string
	unmatched, promiscuous bool
	observeFlags
}

func newCapture(p *program) *cobra.Command {
	var f captureFlags
	c := &cobra.Command{
		Use:     "capture -i IFACE [-w DIR | --to ADDR]",
		Short:   "Take history from what passes a network interface",
		Long:    captureLong,
		Example: captureExample,
		Args:    takes("flags", 0),
		RunE:    func(c *cobra.Command, _ []string) error { return p.capture(c.Context(), &f) },
	}
	flags := c.Flags()
	flags.StringVarP(&f.iface, "interface", "i", "", "the network `interface`")
	flags.StringVarP(&f.write, "write", "w", "", "write into the store in `dir`, instead of that of --store")
	flags.StringVar(&f.to, "to", "", "send dnstap to a collector at `addr` instead")
	flags.StringVar(&f.ca, "ca", "", "`file` of root certificates that the collector's comes from")
	flags.StringVar(&f.cert, "cert", "", "`file` of our certificate, where the collector asks for one")
	flags.StringVar(&f.key, "key", "", "`file` of its key")
	flags.StringVar(&f.identity, "identity", "", "`name` of this sensor that the collector is told")
	flags.StringVar(&f.user, "user", "", "`user` to become once the interface is open")
	flags.BoolVar(&f.unmatched, "unmatched", false, "take responses by UDP whose query was not seen too")
	flags.BoolVar(&f.promiscuous, "promiscuous", true, "take what is addressed to other machines too")
	f.add(flags)
	c.MarkFlagsMutuallyExclusive("write", "to")
	for _, name := range []string{"exclude", "dnssec", "ecs"} {
		c.MarkFlagsMutuallyExclusive(name, "to") // the collector decides
	}
	return c
}

// live are the options of the capture.
func (f *captureFlags) live() (o capture.LiveOptions, err error) {
	if f.iface == "" {
		return o, withHint(errors.New("no interface: want -i IFACE"), "ip -br link lists them")
	}
	o.Promiscuous, o.Match = f.promiscuous, !f.unmatched
	o.Ports, err = f.servers()
	return o, err
}

// capture opens all that takes privileges, gives these up, and captures.
func (p *program) capture(ctx context.Context, f *captureFlags) error {
	o, err := f.live()
	if err != nil {
		return err
	}
	open, err := p.destination(f)
	if err != nil {
		return err
	}
	become, err := p.account(f)
	if err != nil {
		return err
	}
	live, err := capture.OpenLive(f.iface, o)
	if err != nil {
		return withHint(err, openHint(err))
	}
	defer live.Close()
	if err := p.give(become); err != nil {
		return err
	}
	to, err := open()
	if err != nil {
		return become.explain(err)
	}
	return p.captureTo(ctx, f.iface, live, to)
}

// openHint says what an interface cannot be opened for.
func openHint(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return "run it as root, or give the program the right: setcap cap_net_raw+ep $(command -v pdns)"
	}
	return "ip -br link lists the interfaces"
}
