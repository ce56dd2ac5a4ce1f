// Where CSV inputs start from: the cases that csv-spectrum made known, faults of each kind, and the format's pieces.

enum CSVCorpus {
    static let seeds: [[UInt8]] =
        [
            "a,b,c\n1,2,3\n",
            "first,last,address,city,zip\nJohn,Doe,120 any st.,\"Anytown, WW\",08123\n",
            "a,b\n1,\"ha \"\"ha\"\" ha\"\n3,4\n",
            "key,val\n1,\"{\"\"type\"\": \"\"Point\"\", \"\"coordinates\"\": [102.0, 0.5]}\"\n",
            "a,b,c\n1,\"\",\"\"\n2,3,4\n",
            "a,b,c\r\n1,\"\",\"\"\r\n2,3,4\r\n",
            "a,b,c\n1,2,3\n\"Once upon \na time\",5,6\n7,8,9\n",
            "a,b\n1,\"ha \r\n\"\"ha\"\" \r\nha\"\r\n3,4\r\n",
            "a,b,c\n1,2,3\n4,5,ʤ\n",
            "order_id,amount,description\nA-1,12.50,\"Order 1, red\"\nA-2,\"1,5\",\n",
            "order_id;amount;description\r\nA-1;12,50;\"Order; 1\"\r\n",
            "key\tamount\nA\t1\nB\t2\n",
            "key\n1\n\"\"\n\n2\n",
            "a,b\r1,2\r3,4\r",
            "a , b\n 1 ,\" 2\"\n",
            "a,b\n=1+1,@x\n-1,+1\n",
            "a,b\n1,2,3\n",
            "a,b\n1\n",
            "a,b\n1,x\"y\n",
            "a,b\n1,\"x\"y\n",
            "a,b\n1,\"x\n2,3\n",
            "a,a\n1,2\n",
            "a,,c\n1,2,3\n",
            "\n\r\n\na,b\n\n1,2\r\n\r\n3,4",
            "köy,wert,größe\nä€🧾,\u{FEFF}x,\u{2028}\n",
            "a\n" + String(repeating: "0123456789abcdef", count: 20) + "\n",
            "a,b,c,d,e,f,g,h\n" + String(repeating: "1,22,333,4444,55555,666666,7777777,88888888\n", count: 8),
            "",
        ].map { Array($0.utf8) }
        + [
            Array("a,b\n1,caf".utf8) + [0xE9, 0x0A],
            Array("a,b\n1,".utf8) + [0x00, 0x0A],
            Array("a,b\n1,\"".utf8) + [0xED, 0xA0, 0x80, 0x22, 0x0A],
            [0xEF, 0xBB, 0xBF, 0x61, 0x2C, 0x62, 0x0A, 0x31, 0x2C, 0x32],
            [0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00, 0x3C, 0xD8, 0x0A, 0x00],
        ]

    static let pieces = texts + texts + texts + oddBytes

    private static let texts: [[UInt8]] = [
        ",", ";", "\t", "\"", "\"\"", "\"\"\"", "\n", "\r", "\r\n", "\n\n", " ", "a", "\",\"", "\"\n\"", "\",",
        ",\"", "\n\"", "\"\r\n", "=", "'", "|", "\u{FEFF}", "ä€🧾", "0123456789abcdef", "x,y\n1,2\n", "\u{B}",
        "\u{7F}",
    ].map { Array($0.utf8) }

    /// Pieces of UTF-8 and UTF-16, whole and broken.
    private static let oddBytes: [[UInt8]] = [
        [0x00], [0x80], [0xC3], [0xA9], [0xE2, 0x82], [0xE0, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0xA7],
        [0xF4, 0x90], [0xFF], [0xFE], [0xFF, 0xFE], [0xFE, 0xFF], [0xEF, 0xBB, 0xBF], [0xD8, 0x3C], [0x0A, 0x00],
        [0x00, 0x0A], [0x22, 0x00], [0x2C, 0x00],
    ]
}
