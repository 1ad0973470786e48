/// Gzip files as Python 3.13 made them, of `GzipFixtures.text`.
enum GzipFixtures {
    /// What is in each of them.
    static let text: [UInt8] = {
        let lines = (0..<60).map { number in
            let hundredths = number % 100
            return "\(number / 7).\(hundredths < 10 ? "0" : "")\(hundredths),\(number % 3),32.00\n"
        }
        return Array(("time_s,model,service_s\n" + lines.joined()).utf8)
    }()

    /// The files, in base 64.
    static let files: [(what: String, base64: String)] = [
        (
            "as gzip.GzipFile writes it",
            """
            H4sICAAAAAAC/3JlcXVlc3RzLmNzdgBN0TsKAlEQRNHctTya/r3PrMZAJxhwEFRcv23SXVFx4WT1Oc79+m7n\
            874/2nt/fY9b9IWJuXEzjf2HNKnQphWGzJF1ZCOZEM9kEStZxAZMGJgIMFFklkxJPFlETxYxkE1kC9kGTDmZ\
            kUqyCE0WYcgcWUc2kM1kTrqSRWzJnIyBmQAzRWbI6oVOVi9E1AsRE9lCtgFzBub1wiCvFyLqhQhH1pENZBNZ\
            vTDJ64VJvV6IEGBdkRkyR1YvLOr1QkS9ELGQ1Qs/0TvHQyMDAAA=
            """
        ),
        (
            "stored, not compressed",
            """
            H4sIAAAAAAACAwEjA9z8dGltZV9zLG1vZGVsLHNlcnZpY2VfcwowLjAwLDAsMzIuMDAKMC4wMSwxLDMyLjAw\
            CjAuMDIsMiwzMi4wMAowLjAzLDAsMzIuMDAKMC4wNCwxLDMyLjAwCjAuMDUsMiwzMi4wMAowLjA2LDAsMzIu\
            MDAKMS4wNywxLDMyLjAwCjEuMDgsMiwzMi4wMAoxLjA5LDAsMzIuMDAKMS4xMCwxLDMyLjAwCjEuMTEsMiwz\
            Mi4wMAoxLjEyLDAsMzIuMDAKMS4xMywxLDMyLjAwCjIuMTQsMiwzMi4wMAoyLjE1LDAsMzIuMDAKMi4xNiwx\
            LDMyLjAwCjIuMTcsMiwzMi4wMAoyLjE4LDAsMzIuMDAKMi4xOSwxLDMyLjAwCjIuMjAsMiwzMi4wMAozLjIx\
            LDAsMzIuMDAKMy4yMiwxLDMyLjAwCjMuMjMsMiwzMi4wMAozLjI0LDAsMzIuMDAKMy4yNSwxLDMyLjAwCjMu\
            MjYsMiwzMi4wMAozLjI3LDAsMzIuMDAKNC4yOCwxLDMyLjAwCjQuMjksMiwzMi4wMAo0LjMwLDAsMzIuMDAK\
            NC4zMSwxLDMyLjAwCjQuMzIsMiwzMi4wMAo0LjMzLDAsMzIuMDAKNC4zNCwxLDMyLjAwCjUuMzUsMiwzMi4w\
            MAo1LjM2LDAsMzIuMDAKNS4zNywxLDMyLjAwCjUuMzgsMiwzMi4wMAo1LjM5LDAsMzIuMDAKNS40MCwxLDMy\
            LjAwCjUuNDEsMiwzMi4wMAo2LjQyLDAsMzIuMDAKNi40MywxLDMyLjAwCjYuNDQsMiwzMi4wMAo2LjQ1LDAs\
            MzIuMDAKNi40NiwxLDMyLjAwCjYuNDcsMiwzMi4wMAo2LjQ4LDAsMzIuMDAKNy40OSwxLDMyLjAwCjcuNTAs\
            MiwzMi4wMAo3LjUxLDAsMzIuMDAKNy41MiwxLDMyLjAwCjcuNTMsMiwzMi4wMAo3LjU0LDAsMzIuMDAKNy41\
            NSwxLDMyLjAwCjguNTYsMiwzMi4wMAo4LjU3LDAsMzIuMDAKOC41OCwxLDMyLjAwCjguNTksMiwzMi4wMArR\
            O8dDIwMAAA==
            """
        ),
        (
            "with a name, a comment, an extra field and a checksum of its head",
            """
            H4sIHgAAAAACAwUAZXh0cmFyZXF1ZXN0cy5jc3YAYSBjb21tZW50AL9tTdE7CgJREETR3LU8mv69z6zGQCcY\
            cBBUXL9t0l1RceFk9TnO/fpu5/O+P9p7f32PW/SFiblxM439hzSp0KYVhsyRdWQjmRDPZBErWcQGTBiYCDBR\
            ZJZMSTxZRE8WMZBNZAvZBkw5mZFKsghNFmHIHFlHNpDNZE66kkVsyZyMgZkAM0VmyOqFTlYvRNQLERPZQrYB\
            cwbm9cIgrxci6oUIR9aRDWQTWb0wyeuFSb1eiBBgXZEZMkdWLyzq9UJEvRCxkNULP9E7x0MjAwAA
            """
        ),
        (
            "of two members, and zeros at the end",
            """
            H4sIAAAAAAACAyvJzE2NL9bJzU9JzdEpTi0qy0wG8rkM9AwMdAx0jI2ANIhjqGOI4BjpGCE4xsjKTJCVmcKU\
            AQD8fU6kZAAAAB+LCAAAAAAAAgNN0bkNREEIwNB8axkhrjl+/40tETi09DL/VPQsXeGi+jPRu2ziLZ/4wEzB\
            zMDMyaKZi2Wzit2s4pBdskf2gbk2C3FrVuHNKoIsyTbZIbvNUvw1q/iapYSChYGFkwVZNtsSu1nFXKi4ZI/s\
            A0sFy7lwJOdCxVyoSLJNdsgu2Vy4knPhyp4LFQa2nSzIkmwuPNlzoWIuVDyyufAHRuePEb8CAAAAAAAAAAAA\
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            """
        ),
    ]
}
