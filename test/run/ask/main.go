// Command ask resolves a name where there is no dig: ask ADDRESS:PORT NAME TYPE.
package main

import (
	"fmt"
	"os"

	"github.com/miekg/dns"
)

func main() {
	if err := ask(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ask:", err)
		os.Exit(1)
	}
}

func ask(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("want ADDRESS:PORT NAME TYPE")
	}
	qtype, ok := dns.StringToType[args[2]]
	if !ok {
		return fmt.Errorf("unknown type %q", args[2])
	}
	r, err := dns.Exchange(new(dns.Msg).SetQuestion(dns.Fqdn(args[1]), qtype), args[0])
	if err != nil {
		return err
	}
	for _, rr := range r.Answer {
		fmt.Println(rr)
	}
	return nil
}
