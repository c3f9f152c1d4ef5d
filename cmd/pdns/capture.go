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

Where the interface is also that by which the resolver answers its clients, give
--incoming: its answers go out and are left out, as are queries that come in. At a
mirror port, a bridge or a router all comes in, so there is no such difference.

Beware: who listens sees forged responses too. A response by UDP counts only if its
query was seen in the ten seconds before, between the same addresses and ports, with
the same id and question; one by TCP only in a connection that the client was seen to
open and the server to accept, and in its place there. Who cannot send past the
interface has to guess all that, as for the resolver; who can forges the query as well,
but from outside not where --incoming is given. And a resolver can do more: it validates
signatures, and knows which zone it asked a server for. Here nothing says for which
zone a server answers, so additional data is left out, and the server is believed
about every name on the chain that it begins. Prefer dnstap where you have the choice.
With --unmatched, for an interface that only the responses pass, whoever can send a
packet past it can write history.

Nothing of a client is kept or sent: the kernel passes DNS from --port alone (and what
goes to it, of which a number is kept for seconds), and of a response neither
address, port, id, cookie, client subnet nor letter case goes on. There is no
option to write or send messages as they are.

ADDR is that of a collector that takes dnstap, as pdnscollect does:

    host:port          TCP, not encrypted
    tls://host:port    TLS; --ca has its root certificates, --cert and --key are ours
    unix:PATH          a socket of this machine

While the collector is away, messages wait in memory (16 MiB); what finds no room
is counted as shed. It is told no more than a time and the response, cleaned, and
never of an answer made for one network of clients. What else it records, it decides.

To open the interface takes root, or the capability CAP_NET_RAW. Both are given up
behind that, for good. Root becomes --user; or else the owner of DIR, or of the
directory that DIR is to be made in; or else the owner of the collector's socket; or
else nobody. DIR has to belong to that user: install -d -m 700 -o USER DIR makes one,
chown -R USER DIR changes one. CoreDNS writes to its store alone: send to its
collector instead.`

const captureExample = `  pdns capture -i eth0 -w ./case-17 --keep 400d
  pdns capture -i eth0 -w ./case-17 --incoming
  pdns capture -i eth0 --to unix:/run/pdns/dnstap.sock
  pdns capture -i mirror0 --to tls://collector.example:6000 --ca ca.pem --cert sensor.pem --key sensor.key
  ip netns exec lab pdns capture -i veth0 -w ./lab --user lab`

// captureFlags are as they were given.
type captureFlags struct {
	iface, write, to, user string
	ca, cert, key          string
	identity, keep         string
	unmatched, promiscuous bool
	incoming               bool
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
	flags.StringVar(&f.keep, "keep", "", "forget what was not seen for a `duration` such as 400d; else nothing")
	flags.StringVar(&f.to, "to", "", "send dnstap to a collector at `addr` instead")
	flags.StringVar(&f.ca, "ca", "", "`file` of root certificates that the collector's comes from")
	flags.StringVar(&f.cert, "cert", "", "`file` of our certificate, where the collector asks for one")
	flags.StringVar(&f.key, "key", "", "`file` of its key")
	flags.StringVar(&f.identity, "identity", "", "`name` of this sensor that the collector is told")
	flags.StringVar(&f.user, "user", "", "`user` to become once the interface is open")
	flags.BoolVar(&f.unmatched, "unmatched", false, "take responses whose query was not seen too")
	flags.BoolVar(&f.incoming, "incoming", false, "take responses that come in and queries that go out, no others")
	flags.BoolVar(&f.promiscuous, "promiscuous", true, "take what is addressed to other machines too")
	f.add(flags)
	return c
}

// live are the options of the capture.
func (f *captureFlags) live() (o capture.LiveOptions, err error) {
	if f.iface == "" {
		return o, withHint(errors.New("no interface: want -i IFACE"), "ip -br link lists them")
	}
	o.Promiscuous, o.Match, o.Incoming = f.promiscuous, !f.unmatched, f.incoming
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
		return withHint(err, openHint(f.iface, err))
	}
	defer live.Close()
	if err := p.give(become); err != nil {
		return err
	}
	to, err := open(become)
	if err != nil {
		return err
	}
	return p.captureTo(ctx, f.iface, live, to)
}

// openHint says what an interface cannot be opened for.
func openHint(iface string, err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "run it as root, or give the program the right: setcap cap_net_raw+ep $(command -v pdns)"
	case iface == "any":
		return "one capture listens to one interface, by its name: start one for each; ip -br link lists them"
	}
	return "ip -br link lists the interfaces"
}
