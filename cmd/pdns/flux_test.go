package main

import (
	"fmt"
	"net"
	"os"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"github.com/rogpeppe/go-internal/testscript"
)

// mmdb FILE writes a database of autonomous systems, built on 2019-08-01, in which each
// /16 of 10.0.0.0/8 is one, from AS64500 on.
func makeMMDB(ts *testscript.TestScript, _ bool, args []string) {
	tree, err := mmdbwriter.New(mmdbwriter.Options{
		DatabaseType: "GeoLite2-ASN", BuildEpoch: time.Date(2019, 8, 1, 0, 0, 0, 0, time.UTC).Unix(),
		Description: map[string]string{"en": "made by a test"}, IncludeReservedNetworks: true,
	})
	ts.Check(err)
	for i := range 256 {
		_, network, err := net.ParseCIDR(fmt.Sprintf("10.%d.0.0/16", i))
		ts.Check(err)
		ts.Check(tree.Insert(network, mmdbtype.Map{
			"autonomous_system_number":       mmdbtype.Uint32(64500 + i),
			"autonomous_system_organization": mmdbtype.String(fmt.Sprint("Example ", i)),
		}))
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = tree.WriteTo(f)
	ts.Check(err)
	ts.Check(f.Close())
}
