"""What leaves Hisab: query results, and later exports, journals and reports."""
