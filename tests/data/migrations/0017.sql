UPDATE users SET provider_subject = 'https://id.example lin' WHERE id = 'u1';
