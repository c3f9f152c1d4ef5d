package main

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// streams are objects a second of long answers.
func streams(s *server, sub *subjects) error {
	for _, q := range []struct{ what, path string }{
		{"DNSDB v2, names below a suffix", fmt.Sprintf("/dnsdb/v2/lookup/rrset/name/*.%s?limit=%d", sub.suffix, *most)},
		{"DNSDB v2, names of an address", fmt.Sprintf("/dnsdb/v2/lookup/rdata/ip/%s?limit=%d", sub.address, *most)},
		{"DNSDB v2, regular expression", fmt.Sprintf("/dnsdb/v2/regex/rrnames/%s?limit=%d", "%5E%5Ba-m%5D", *most)},
		{"DNSDB v1, names below a suffix", fmt.Sprintf("/lookup/rrset/name/*.%s?limit=%d", sub.suffix, *most)},
		{"COF, address", "/pdns/query/" + sub.address},
		{"PassiveTotal, address", "/v2/dns/passive?query=" + sub.address},
		{"own, names below a suffix", fmt.Sprintf("/api/v1/lookup?subject=*.%s&limit=%d", sub.suffix, *most)},
	} {
		a, err := s.get(q.path)
		if err != nil {
			row("objects/s, "+q.what, "%v", err)
			continue
		}
		row("objects/s, "+q.what, "%.0f (%d, %.0f MB/s, first octet %s)", float64(a.objects)/a.took.Seconds(), a.objects,
			float64(a.bytes)/1e6/a.took.Seconds(), a.first.Round(10*time.Microsecond))
	}
	return nil
}

// firsts are times to the first octet, one question at a time.
func firsts(s *server, sub *subjects) error {
	for _, q := range []struct {
		what string
		path func(i int) string
	}{
		{"exact name", func(i int) string { return "/dnsdb/v2/lookup/rrset/name/" + sub.names[i] }},
		{"name never seen", func(i int) string { return "/dnsdb/v2/lookup/rrset/name/nothing." + sub.names[i] }},
		{"below a suffix", func(int) string { return "/dnsdb/v2/lookup/rrset/name/*." + sub.suffix + "?limit=100" }},
		{"large address", func(int) string { return "/dnsdb/v2/lookup/rdata/ip/" + sub.address + "?limit=100" }},
		{"network /8", func(int) string { return "/dnsdb/v2/lookup/rdata/ip/" + sub.address + ",8?limit=100" }},
	} {
		var took []time.Duration
		for i := range 1000 {
			a, err := s.get(q.path(i % len(sub.names)))
			if err != nil {
				return err
			}
			took = append(took, a.first)
		}
		row("first octet, "+q.what+": p50, p99", "%s, %s", percentile(took, 50), percentile(took, 99))
	}
	return nil
}

// memory is the server's while a long answer leaves.
func memory(s *server, sub *subjects) error {
	before, anonymous := s.resident()
	var most, mostAnonymous float64
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.get(fmt.Sprintf("/dnsdb/v2/lookup/rrset/name/*.%s?limit=%d", sub.suffix, 1_000_000))
	}()
	for tick := time.NewTicker(10 * time.Millisecond); ; <-tick.C {
		all, anon := s.resident()
		most, mostAnonymous = max(most, all), max(mostAnonymous, anon)
		select {
		case <-done:
			row("resident before, and at most during a million objects, MB", "%.0f, %.0f", before, most)
			row("— without mapped pages of runs", "%.0f, %.0f", anonymous, mostAnonymous)
			return nil
		default:
		}
	}
}

// crowd is many clients with exact questions.
func crowd(s *server, sub *subjects) error {
	took, failed := ask(s, sub, *clients, time.Duration(*seconds)*time.Second)
	row(fmt.Sprintf("%d clients, exact names: answers/s, p50, p99, failed", *clients), "%.0f, %s, %s, %d",
		float64(len(took))/float64(*seconds), percentile(took, 50), percentile(took, 99), failed)
	return nil
}

// beside is one client with exact questions, alone and beside heavy searches.
func beside(s *server, sub *subjects) error {
	alone, _ := ask(s, sub, 1, 3*time.Second)
	var over atomic.Bool
	var heavy sync.WaitGroup
	for range 8 {
		heavy.Go(func() {
			for !over.Load() {
				s.get(fmt.Sprintf("/dnsdb/v2/lookup/rrset/name/*.%s?limit=%d", sub.suffix, 300_000))
			}
		})
	}
	crowded, failed := ask(s, sub, 1, time.Duration(*seconds)*time.Second)
	over.Store(true)
	heavy.Wait()
	row("exact name alone: p50, p99", "%s, %s", percentile(alone, 50), percentile(alone, 99))
	row("exact name beside 8 heavy searches: p50, p99, failed", "%s, %s, %d", percentile(crowded, 50), percentile(crowded, 99), failed)
	return nil
}

// ask has clients ask for exact names, one after the other each.
func ask(s *server, sub *subjects, clients int, how time.Duration) (took []time.Duration, failed int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	end := time.Now().Add(how)
	for c := range clients {
		wg.Go(func() {
			for i := c; time.Now().Before(end); i += clients {
				a, err := s.get("/dnsdb/v2/lookup/rrset/name/" + sub.names[i%len(sub.names)])
				mu.Lock()
				if took = append(took, a.took); err != nil {
					failed++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return took, failed
}

func percentile(took []time.Duration, p int) time.Duration {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[min(len(took)*p/100, len(took)-1)].Round(10 * time.Microsecond)
}
